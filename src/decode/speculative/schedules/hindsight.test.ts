import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import type { DraftCosts } from "./adaptive-length.js";
import { Hindsight } from "./hindsight.js";
import { chainOf, type Drafter } from "../drafters/source.js";

const COSTS: DraftCosts = {
  forward: (numRows) => 0.6 + 0.4 * numRows,
  drafting: () => 0,
  catchingUp: () => 0,
  roundTrip: 0.3,
  lag: 0,
};
const TEXT = Array.from({ length: 200 }, (_, i) => (i * 7) % 23);

/** Drafts the text itself, where `isRight`, and something else where not. */
function drafterOf(text: readonly TokenId[], isRight: (at: number) => boolean): Drafter {
  return {
    draft: (ids, limit) =>
      chainOf(
        text.slice(ids.length, ids.length + limit).map((token, i) => (isRight(ids.length + i) ? token : token + 1)),
      ),
  };
}

const lookedBack = (drafter: Drafter, numIds: number, costs = COSTS, ahead = 1) => {
  const lengths = new Hindsight(drafter, costs, 7, ahead);
  lengths.draft(TEXT.slice(0, numIds));
  return lengths;
};

describe("lengths by hindsight", () => {
  it("are as long as may be where every draft would have been right, and none where none would", () => {
    expect(
      lookedBack(
        drafterOf(TEXT, () => true),
        100,
      ).best(),
    ).toBe(7);
    expect(
      lookedBack(
        drafterOf(TEXT, () => false),
        100,
      ).best(),
    ).toBe(0);
  });

  it("are those that cost least: two where every third token is drafted wrong", () => {
    // From each token that was drafted wrong on: two right ones and a wrong one. With 2 drafts 3 tokens cost 1.8 + 0.3.
    expect(
      lookedBack(
        drafterOf(TEXT, (at) => at % 3 !== 0),
        100,
      ).best(),
    ).toBe(2);
    // Where rows are dear, nothing pays.
    const dear = { ...COSTS, forward: (numRows: number) => numRows };
    expect(
      lookedBack(
        drafterOf(TEXT, (at) => at % 3 !== 0),
        100,
        dear,
      ).best(),
    ).toBe(0);
  });

  it("count the wait for a verdict, and drafts that are lost to plain steps under way", () => {
    const drafter = drafterOf(TEXT, (at) => at % 3 !== 0);
    expect(lookedBack(drafter, 100, { ...COSTS, roundTrip: 2 }).best()).toBe(0);
    // Behind four plain steps a draft comes too late: it begins with what they write, which it has wrong.
    const seldom: Drafter = {
      draft: (ids, limit) =>
        ids.length % 12 === 0 ? chainOf(TEXT.slice(ids.length, ids.length + Math.min(4, limit))) : chainOf([]),
    };
    expect(lookedBack(seldom, 100, COSTS, 1).best()).toBeGreaterThan(0);
    expect(lookedBack(seldom, 100, COSTS, 4).best()).toBe(0);
  });

  it("forget: what was right long ago and is no longer isn't drafted, and the other way round", () => {
    expect(
      lookedBack(
        drafterOf(TEXT, (at) => at < 140),
        200,
      ).best(),
    ).toBe(0);
    expect(
      lookedBack(
        drafterOf(TEXT, (at) => at >= 160),
        200,
      ).best(),
    ).toBeGreaterThan(0);
  });

  it("cost the device nothing to find out, and the drafter one draft a token", () => {
    const asked: number[] = [];
    const inner = drafterOf(TEXT, () => true);
    const drafter: Drafter = {
      draft(ids, limit) {
        asked.push(ids.length);
        return inner.draft(ids, limit);
      },
    };
    const lengths = new Hindsight(drafter, COSTS, 3, 2);
    // Of the prompt only what is looked back at.
    expect(lengths.draft(TEXT.slice(0, 100))).toEqual(TEXT.slice(100, 105));
    expect(asked).toEqual(Array.from({ length: 65 }, (_, i) => 36 + i));
    expect(lengths.draft(TEXT.slice(0, 100))).toEqual(TEXT.slice(100, 105));
    lengths.draft(TEXT.slice(0, 103));
    expect(asked.slice(65)).toEqual([101, 102, 103]);
  });
});
