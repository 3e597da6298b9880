import type { TokenId } from "../vocabulary/events.js";

/** A text with sets, as a list: runs of ids and sets of segments. */
export type Layout = readonly (readonly TokenId[] | { set: readonly (readonly TokenId[])[] })[];

/** Where a row of such a text stands, and which rows it sees: by the definition (arXiv 2406.06581), row by row. */
export interface LaidOut {
  ids: TokenId[];
  positions: number[];
  sees: number[][];
}

/** Ids, positions and visible rows of a text with sets, in the given order. */
export function layOut(layout: Layout): LaidOut {
  const [ids, positions, sees]: [TokenId[], number[], number[][]] = [[], [], []];
  let position = 0;
  const add = (id: TokenId, at: number, hidden: (row: number) => boolean) => {
    const row = ids.length;
    ids.push(id);
    positions.push(at);
    sees.push(Array.from({ length: row + 1 }, (_, other) => other).filter((other) => !hidden(other)));
  };
  for (const part of layout) {
    if (!("set" in part)) {
      for (const id of part) add(id, position++, () => false);
      continue;
    }
    const first = ids.length;
    for (const segment of part.set) {
      const own = ids.length;
      for (const [i, id] of segment.entries()) add(id, position + i, (row) => row >= first && row < own);
    }
    position += Math.max(...part.set.map(({ length }) => length));
  }
  return { ids, positions, sees };
}

/** All orders of a list. */
export function ordersOf<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, i) => ordersOf(list.filter((_, other) => other !== i)).map((rest) => [one, ...rest]));
}
