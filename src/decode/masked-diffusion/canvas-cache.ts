import type { TokenId } from "../../vocabulary/events.js";
import type { Rows } from "../../seam/rows.js";
import type { Session } from "../../seam/session.js";
import type { OptionValues } from "../options.js";

/** Steps between refreshes of the delayed cache unless given (dKV-Cache, arXiv 2505.15781). */
const DELAYED_INTERVAL = 8;

/** Why a text is only near the model's law beside a cache; empty without one. */
export function cacheReasons({ cache }: OptionValues): readonly string[] {
  return cache === "none" ? [] : [`the cache ${String(cache)} keeps what depends on tokens that are written since`];
}

/**
 * Keys and values of a canvas that is read whole, kept from one step to the next though they depend on everything: approximate
 * but on the steps that refresh all of them. `prefix` and `dual` are Fast-dLLM's (arXiv 2505.22618), `delayed` is dKV-Cache's:
 * a token's own are kept from the step after the one that committed it.
 */
export class CanvasCache {
  private readonly kind: OptionValues[string];
  private readonly interval: number;
  private blockStart = -1;
  private sinceRefresh = 0;
  /** What the last step read as masks. */
  private readonly wasMasked = new Set<number>();

  constructor({ cache, refresh_interval }: OptionValues) {
    this.kind = cache;
    const unlessGiven = cache === "delayed" ? DELAYED_INTERVAL : Number.POSITIVE_INFINITY;
    this.interval = refresh_interval === null ? unlessGiven : Number(refresh_interval);
  }

  /** One forward of the canvas, or of the part that isn't kept, with logits of the rows at `positions`. */
  forward(
    target: Session,
    tokens: readonly TokenId[],
    maskToken: TokenId,
    { start, end }: { start: number; end: number },
    positions: readonly number[],
  ): Rows {
    const isRefresh = this.mustRefresh(start);
    const read = isRefresh ? [...tokens.keys()] : this.unkept(tokens, maskToken, { start, end }, positions);
    this.wasMasked.clear();
    for (const [position, token] of tokens.entries()) if (token === maskToken) this.wasMasked.add(position);
    if (isRefresh) {
      this.blockStart = start;
      this.sinceRefresh = 0;
      target.truncate(0);
      return target.forward({
        tokens,
        attend: "full",
        rows: positions,
        keep: this.kind === "none" ? 0 : tokens.length,
      });
    }
    this.sinceRefresh++;
    const row = new Map(read.map((position, i) => [position, i]));
    return target.forward({
      tokens: read.map((position) => tokens[position]),
      slots: read,
      attend: "full",
      rows: positions.map((position) => row.get(position) as number),
      keep: 0,
    });
  }

  private mustRefresh(blockStart: number): boolean {
    if (this.kind === "none" || this.blockStart < 0 || this.sinceRefresh + 1 >= this.interval) return true;
    return this.kind !== "delayed" && blockStart !== this.blockStart;
  }

  /** Positions that are computed anew. */
  private unkept(
    tokens: readonly TokenId[],
    maskToken: TokenId,
    { start, end }: { start: number; end: number },
    asked: readonly number[],
  ): number[] {
    const isUnkept = (position: number) => {
      if (asked.includes(position)) return true;
      if (this.kind === "delayed") return tokens[position] === maskToken || this.wasMasked.has(position);
      return position >= start && (this.kind === "prefix" || position < end);
    };
    return [...tokens.keys()].filter(isUnkept);
  }
}
