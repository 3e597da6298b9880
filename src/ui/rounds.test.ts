import { describe, expect, it } from "vitest";
import type { Edit, Piece, StepEvent } from "../vocabulary/events.js";
import { roundOf } from "./round.js";
import { Rounds } from "./rounds.js";
import { RunView } from "./run-view.js";

function step(edits: Edit[], pieces: Piece[] = []): StepEvent {
  const counts = {
    forwards: 1,
    rows: 1,
    draftForwards: 0,
    waits: 0,
    dispatches: 0,
    readbackBytes: 0,
    elapsedMs: 0,
    ownMs: 0,
  };
  return { type: "step", seq: 0, edits, pieces, ...counts };
}
const draft = (slot: number, after: number, parent?: number): Edit => ({
  op: "insert",
  slot,
  after,
  token: slot,
  state: "draft",
  ...(parent === undefined ? {} : { parent }),
});
const accept = (slot: number): Edit => ({ op: "write", slot, token: slot, state: "committed" });
const reject = (slot: number): Edit => ({ op: "delete", slot });
const append = (slot: number, after: number): Edit => ({ op: "insert", slot, after, token: slot, state: "committed" });

/** Slot 9 is the last known token. */
const PARTLY = [draft(10, 9), draft(11, 10), draft(12, 11), accept(10), reject(12), reject(11), append(13, 10)];
const WHOLLY = [draft(20, 13), draft(21, 20), accept(20), accept(21), append(22, 21)];
// 30 and 33 follow 22; 31 and 32 follow 30; 32 is accepted.
const TREE = [
  draft(30, 22),
  draft(31, 30),
  draft(32, 31, 30),
  draft(33, 32, 22),
  accept(30),
  accept(32),
  reject(33),
  reject(31),
  append(34, 32),
];

describe("roundOf", () => {
  it("tells a token that replaces rejected drafts from one behind drafts that were all right", () => {
    expect(roundOf(PARTLY)).toMatchObject({ numAccepted: 1, own: { slot: 13, kind: "recovered" } });
    expect(roundOf(WHOLLY)).toMatchObject({ numAccepted: 2, own: { slot: 22, kind: "bonus" } });
  });

  it("sees a tree by its parents, and a bonus at a leaf though other branches were rejected", () => {
    const round = roundOf(TREE);
    expect(round?.drafts.map(({ parent, depth }) => [parent, depth])).toEqual([
      [-1, 1],
      [0, 2],
      [0, 2],
      [-1, 1],
    ]);
    expect(round).toMatchObject({ numAccepted: 2, own: { kind: "bonus" } });
  });

  it("is nothing where nothing was drafted, and knows rounds that end within their drafts", () => {
    expect(roundOf([append(1, 0)])).toBeNull();
    expect(roundOf(WHOLLY.slice(0, 4))).toMatchObject({ numAccepted: 2, own: null });
  });
});

describe("Rounds", () => {
  it("counts rounds by accepted drafts, and by depth those that got there", () => {
    const rounds = new Rounds();
    const run = new RunView();
    run.subscribe((seen) => rounds.add(seen));
    for (const edits of [[append(9, 8)], PARTLY, WHOLLY, TREE]) run.add(step(edits));
    expect(rounds.numRounds).toBe(3);
    expect(rounds.byLength).toEqual([0, 1, 2]);
    expect(rounds.mostLeaves).toBe(3);
    expect(rounds.byDepth).toEqual([
      { tried: 3, accepted: 3 },
      { tried: 3, accepted: 2 },
    ]);
    expect(rounds.own).toEqual({ recovered: 1, bonus: 2 });
  });

  it("forgets the texts of earlier rounds", () => {
    const rounds = new Rounds();
    const run = new RunView();
    run.subscribe((seen) => rounds.add(seen));
    run.add(step(PARTLY, [{ slot: 10, text: " fox" }]));
    run.add(step(WHOLLY, [{ slot: 20, text: " sat" }]));
    expect([...rounds.texts]).toEqual([[20, " sat"]]);
  });

  it("costs what its rounds drafted and verified behind the first token", () => {
    const rounds = new Rounds();
    const run = new RunView();
    run.subscribe((seen) => rounds.add(seen));
    expect(rounds.cost({ forward: () => 1, drafting: () => 0, waiting: 0 })).toBeNull();
    for (const edits of [[append(9, 8)], PARTLY, [append(14, 13)], WHOLLY]) run.add(step(edits));
    // 2 + 1 + 3 tokens for forwards of 4, 1 and 3 rows and 5 drafts.
    const costs = rounds.cost({
      forward: (rows) => 1 + (rows - 1) / 4,
      drafting: (numDrafts) => numDrafts / 4,
      waiting: 9,
    });
    expect(costs?.speedUp).toBeCloseTo(6 / (1.75 + 1 + 1.5 + 1.25), 12);
    expect(costs?.draftShare).toBeCloseTo(1.25 / 5.5, 12);
  });
});
