/** A part of a text, by its UTF-16 units, and whether a pattern matched it. */
export type Span = [start: number, end: number, isMatch: boolean];

/** What a split does with what matched, by the names of tokenizer.json. */
export type SplitBehavior = "Removed" | "Isolated" | "MergedWithPrevious" | "MergedWithNext" | "Contiguous";

/** All behaviors, to check what a file names. */
export const SPLIT_BEHAVIORS: readonly string[] = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
];

/**
 * The whole text as spans, found by a RegExp with flag `g`. As Rust's `onig` has it, an empty match right behind another
 * doesn't count.
 */
export function findSpans(text: string, regex: RegExp): Span[] {
  if (text === "") return [[0, 0, false]];
  const spans: Span[] = [];
  let end = 0;
  let lastMatchEnd = -1;
  for (let from = 0; from <= text.length; ) {
    regex.lastIndex = from;
    const match = regex.exec(text);
    if (!match) break;
    const start = match.index;
    const stop = start + match[0].length;
    if (start === stop && stop === lastMatchEnd) {
      from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
      continue;
    }
    if (end !== start) spans.push([end, start, false]);
    spans.push([start, stop, true]);
    from = end = lastMatchEnd = stop;
  }
  if (end !== text.length) spans.push([end, text.length, false]);
  return spans;
}

/** The pieces of a text whose spans are given, some merged or left out. */
export function mergeSpans(spans: readonly Span[], behavior: SplitBehavior): Span[] {
  if (behavior === "Removed") return spans.filter(([, , isMatch]) => !isMatch);
  if (behavior === "Isolated") return [...spans];
  const isReversed = behavior === "MergedWithNext";
  const merged: Span[] = [];
  let previousMatched = false;
  for (const [start, end, isMatch] of isReversed ? spans.toReversed() : spans) {
    const last = merged.at(-1);
    const joins = behavior === "Contiguous" ? isMatch === previousMatched : isMatch && !previousMatched;
    if (last && joins && isReversed) last[0] = start;
    else if (last && joins) last[1] = end;
    else merged.push([start, end, isMatch]);
    previousMatched = isMatch;
  }
  return isReversed ? merged.reverse() : merged;
}
