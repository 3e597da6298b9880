import { InvalidOptionError } from "./errors.js";
import type { PromptItem, PromptSet } from "./prompt.js";

/** How a set is written in a text: `<set>one<|>another</set>`. A model's special tokens, as `<|end|>`, are none of these. */
const MARK = /(<set>|<\|>|<\/set>)/;

/** Whether a text has a set of several segments that is written whole; single marks are text. */
export function hasSet(text: string): boolean {
  let numBorders = Number.NaN;
  for (const piece of text.split(MARK)) {
    if (piece === "<set>") numBorders = 0;
    else if (piece === "<|>") numBorders++;
    else if (piece === "</set>") {
      if (numBorders > 0) return true;
      numBorders = Number.NaN;
    }
  }
  return false;
}

/** The pieces of a text with sets. Throws `InvalidOptionError` for marks that make none. */
export function splitSets(text: string): PromptItem[] {
  const items: PromptItem[] = [];
  let segments: string[] | null = null;
  for (const piece of text.split(MARK)) {
    if (piece === "<set>") {
      if (segments) throw badSet("A set stands within a set: close the first one before, with </set>");
      segments = [""];
    } else if (piece === "<|>") {
      if (!segments) throw badSet("<|> stands outside of a set: write <set>one<|>another</set>");
      segments.push("");
    } else if (piece === "</set>") {
      if (!segments) throw badSet("</set> closes no set: write <set> where it begins");
      items.push({ set: segments });
      segments = null;
    } else if (segments) segments[segments.length - 1] += piece;
    else if (piece !== "") items.push(piece);
  }
  if (segments) throw badSet("A set isn't closed: write </set> behind its last segment");
  return items.length > 0 ? items : [""];
}

/** The text of such pieces. */
export function joinSets(items: readonly (string | { set: readonly string[] })[]): string {
  return items.map((item) => (typeof item === "string" ? item : `<set>${item.set.join("<|>")}</set>`)).join("");
}

/** A text whose sets are in another order, drawn by `random`; the same where no set has two segments that differ. */
export function shuffleSets(text: string, random: () => number): string {
  const items = splitSets(text) as (string | { set: readonly string[] })[];
  if (!items.some((item) => typeof item !== "string" && new Set(item.set).size > 1)) return text;
  for (;;) {
    const shuffled = joinSets(
      items.map((item) => (typeof item === "string" ? item : { set: shuffle(item.set, random) })),
    );
    if (shuffled !== text) return shuffled;
  }
}

function shuffle(list: readonly string[], random: () => number): string[] {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(random() * left.length), 1)[0]);
}

/** Refuses a set without segments, or with an empty one. */
export function checkSet({ set }: PromptSet): void {
  if (!Array.isArray(set) || set.length === 0) throw badSet("A set has no segments: give { set: [one, another] }");
  const at = set.findIndex((segment) => segment.length === 0);
  if (at < 0) return;
  throw badSet(`Segment ${at + 1} of a set of ${set.length} is empty: write something in it, or leave its <|> out`);
}

function badSet(message: string): InvalidOptionError {
  return new InvalidOptionError(
    `${message}; a prompt that is to hold the marks as text is given as a list, [text].`,
    "bad_set",
  );
}
