import { expect, it } from "vitest";
import type { ForwardRequest } from "../../seam/forward.js";
import { verify } from "../../seam/questions/verify.js";
import { GREEDY } from "../../seam/sampler.js";
import type { Session } from "../../seam/session.js";
import { hashedLaw } from "../../testing/laws.js";
import { mockModel } from "./mock.js";

const PREFIX = [3, 1, 4];
const TREE: ForwardRequest = { tokens: [1, 5, 9, 2, 6], attend: { parents: [-1, 0, 0, 2, 2] }, keep: 1 };

const made = (): Session =>
  mockModel({
    law: hashedLaw(1, 11),
    capabilities: { vocabSize: 11, maxLength: 32, bidirectional: true, blockLengths: [4] },
  }).session();
function read(tokens: readonly number[] = PREFIX): Session {
  const session = made();
  session.forward({ tokens, attend: "causal", keep: tokens.length });
  return session;
}
const next = async (session: Session) =>
  (await session.forward({ tokens: [7, 8], attend: "causal", rows: "last", keep: 0 }).logits()).slice();

it.each([
  { rows: [2, 4], path: [1, 9, 6] },
  { rows: [1], path: [1, 5] },
  { rows: [], path: [1] },
])("rows $rows of a tree are kept as if their path alone had been read", async ({ rows, path }) => {
  const session = read();
  session.forward(TREE);
  const { readbackBytes } = session.counts;
  session.keep(rows);
  expect([session.length, session.maxLength]).toEqual([3 + path.length, 3 + path.length]);
  expect(session.counts.readbackBytes).toBe(readbackBytes);
  expect(await next(session)).toEqual(await next(read([...PREFIX, ...path])));
  expect(session.match([...PREFIX, ...path])).toBe(3 + path.length);
});

it("one sibling is kept after another", async () => {
  const session = read();
  for (const [chosen, token] of [
    [1, 6],
    [0, 5],
  ]) {
    session.forward({ tokens: [5, 6], attend: { parents: [-1, -1] }, keep: 0 });
    session.keep([chosen]);
    expect(session.match([...PREFIX, 6, 5]), `${token}`).toBe(session.length);
  }
  expect(await next(session)).toEqual(await next(read([...PREFIX, 6, 5])));
});

it.each<[string, ForwardRequest, number[], RegExp]>([
  ["a row that is kept already", TREE, [0], /row 0 is none of scratch rows 1 to 4/],
  ["a row without the one that it saw", TREE, [4], /row 4 follows row 2/],
  ["two siblings", TREE, [1, 2], /row 2 follows row 0/],
  ["a row of a block", { tokens: [1, 2], attend: { block: 4 }, keep: 0 }, [0], /chain or a tree/],
  ["a row in a slot of its own", { tokens: [1], slots: [2], attend: "causal", keep: 0 }, [0], /overwrote slots/],
])("%s is refused, and nothing changes", (_title, request, rows, message) => {
  const session = read();
  session.forward(request);
  const { length } = session;
  expect(() => session.keep(rows)).toThrow(message);
  expect(session.length).toBe(length);
});

it("rows are kept once, and so is a verdict: right behind their forward", () => {
  const session = read();
  session.forward(TREE);
  session.keep([1]);
  expect(() => session.keep([2])).toThrow(/once/);
  session.forward(TREE);
  session.truncate(3);
  expect(() => session.keep([1])).toThrow(/once/);
  const verdict = session.forward(TREE).ask(verify(GREEDY));
  session.keep(verdict);
  expect(() => session.keep(verdict)).toThrow(/once/);
});
