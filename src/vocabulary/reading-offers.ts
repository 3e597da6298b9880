/** A way to read a model that fills masks, offered where its folder doesn't say (`unknown_reading`). */
export interface ReadingOffer {
  /** What `load` is given. */
  blockLength: number | "full";
  label: string;
  /** What the folder's name says: the recipe that it names. At most one is. */
  isNamed: boolean;
}

/** Lengths that recipes train, the usual one first, and the whole canvas. */
const OFFERS: readonly (number | "full")[] = [32, "full", 4, 8, 16, 64];

/** What a name says: `…-block_size16`, `…-b32`, or the recipe's own. */
function namedReading(address: string): number | "full" | null {
  const name = address.replace(/[?#].*$/, "").toLowerCase();
  const length = Number(/(?:block[-_]?(?:size|length)?[-_]?|-b)(\d+)(?!\w)/.exec(name)?.[1]);
  if (length >= 1 && length <= 64) return length;
  if (name.includes("bd3lm")) return 32;
  return name.includes("mdlm") ? "full" : null;
}

/**
 * How a model may read whose folder doesn't say it, for a person to choose from: what its name says comes first, and is a default to offer,
 * never one to take.
 */
export function offersOf(address: string): ReadingOffer[] {
  const named = namedReading(address);
  const all = named === null ? OFFERS : [named, ...OFFERS.filter((one) => one !== named)];
  return all.map((blockLength) => ({
    blockLength,
    label:
      blockLength === "full"
        ? "its whole canvas (mdlm)"
        : `blocks of ${blockLength}${blockLength === 32 ? " (bd3lm)" : ""}`,
    isNamed: blockLength === named,
  }));
}
