import { describe, expect, it } from "vitest";
import type { Session } from "../../seam/session.js";
import { type Layout, layOut, ordersOf } from "../../testing/sets.js";
import { hashedLaw } from "../../testing/laws.js";
import { mockModel } from "./mock.js";

const SEGMENTS = [[7, 8], [4], [9, 1, 2, 6], [3, 5, 3]];
const LAYOUT: Layout = [[1, 2, 3], { set: SEGMENTS }, [5, 5], { set: [[2], [6, 6]] }, [10, 4]];

/** Reads such a text; returns the last row's logits. */
async function read(session: Session, layout: Layout): Promise<number[]> {
  let logits: number[] = [];
  for (const part of layout) {
    const tokens = "set" in part ? part.set.flat() : part;
    const attend = "set" in part ? { segments: part.set.map(({ length }) => length) } : ("causal" as const);
    logits = [...(await session.forward({ tokens, attend, rows: "last", keep: tokens.length }).logits())];
  }
  return logits;
}

function session(seenBy: number[] = [], positions: number[] = []): Session {
  const law = hashedLaw(1, 11);
  const counting = {
    ...law,
    key(...[cell, seen]: Parameters<typeof law.key>) {
      seenBy.push(seen.length);
      positions.push(cell.position);
      return law.key(cell, seen);
    },
  };
  return mockModel({ law: counting, capabilities: { vocabSize: 11, maxLength: 64 } }).session();
}

describe("segments of a set", () => {
  it("are seen by as many rows as the lengths say, and by no sibling", async () => {
    const [seen, positions]: number[][] = [[], []];
    await read(session(seen, positions), LAYOUT);
    // Triangles of text and segments, and beside them all that lies before.
    const triangle = (n: number) => (n * (n + 1)) / 2;
    const segments = (before: number, lengths: number[]) =>
      lengths.reduce((sum, n) => sum + n * before + triangle(n), 0);
    const text = (before: number, n: number) => n * before + triangle(n);
    const cells = text(0, 3) + segments(3, [2, 1, 4, 3]) + text(13, 2) + segments(15, [1, 2]) + text(18, 2);
    expect(seen.reduce((sum, n) => sum + n, 0)).toBe(cells);
    expect(seen).toEqual(layOut(LAYOUT).sees.map(({ length }) => length));
    // Segments begin at 3 and at 9; what is behind, at 7 (the longest has four) and at 11.
    expect(positions).toEqual([0, 1, 2, 3, 4, 3, 3, 4, 5, 6, 3, 4, 5, 7, 8, 9, 9, 10, 11, 12]);
    expect(layOut(LAYOUT).positions).toEqual(positions);
  });

  it("say the same in every order, where a causal text doesn't", async () => {
    const [before, , ...behind] = LAYOUT;
    const inOrder = (set: number[][]) => read(session(), [before, { set }, ...behind]);
    const expected = await inOrder(SEGMENTS);
    const plain = (set: number[][]) => read(session(), [[...(before as number[]), ...set.flat(), 10, 4]]);
    const orders = ordersOf(SEGMENTS);
    expect(orders).toHaveLength(24);
    for (const order of orders) expect(await inOrder(order)).toEqual(expected);
    expect(await plain(orders[1])).not.toEqual(await plain(orders[0]));
    expect(await plain(SEGMENTS)).not.toEqual(await read(session(), [before, { set: SEGMENTS }, [10, 4]]));
  });

  it("are plain text where there is one", async () => {
    const set = [[7, 8, 4]];
    expect(await read(session(), [[1, 2], { set }, [3]])).toEqual(await read(session(), [[1, 2, 7, 8, 4, 3]]));
  });

  it("are matched as a set only, whole, and cut as one", async () => {
    const { ids } = layOut(LAYOUT);
    const sets = [
      { start: 3, lengths: [2, 1, 4, 3] },
      { start: 15, lengths: [1, 2] },
    ];
    const matched = async (given: typeof sets, length = ids.length) => {
      const s = session();
      await read(s, LAYOUT);
      return s.match(ids.slice(0, length), given);
    };
    expect(await matched(sets)).toBe(20);
    expect(await matched([])).toBe(3);
    expect(await matched(sets.slice(0, 1))).toBe(15);
    expect(await matched([{ start: 3, lengths: [3, 4, 3] }])).toBe(3);
    expect(await matched(sets, 17)).toBe(15);
    const plain = session();
    await read(plain, [ids]);
    expect(plain.match(ids, sets)).toBe(3);
    const parent = session();
    await read(parent, LAYOUT.slice(0, -1));
    const fork = parent.fork();
    parent.truncate(0);
    expect(await read(fork, LAYOUT.slice(-1))).toEqual(await read(session(), LAYOUT));
    expect(fork.match(ids)).toBe(3);
    const cut = session();
    await read(cut, LAYOUT);
    cut.truncate(8);
    expect(cut.length).toBe(3);
    expect(await read(cut, [[5, 6]])).toEqual(await read(session(), [[1, 2, 3, 5, 6]]));
  });

  it("are refused where they aren't all of a forward's rows, or what isn't ordered would see them", async () => {
    const s = session();
    const forward = (segments: number[], keep = 4) => s.forward({ tokens: [1, 2, 3, 4], attend: { segments }, keep });
    expect(() => forward([1, 2])).toThrow("segments of 3 rows in a forward of 4");
    expect(() => forward([4, 0])).toThrow("segments of 4,0 rows");
    expect(() => forward([2, 2], 3)).toThrow("3 of 4 rows of segments are to be kept, not all");
    forward([2, 2]);
    const ranked = () => s.forward({ tokens: [1], attend: { rank: [4] }, keep: 1 });
    expect(ranked).toThrow("what stands behind a set is read causally or as a tree");
  });
});
