import { expect, it } from "vitest";
import { EAGLE } from "../../extension/eagle/key.js";
import { earlyExit } from "../../extension/early-exit/key.js";
import { verify } from "../../seam/questions/verify.js";
import { GREEDY } from "../../seam/sampler.js";
import type { Session } from "../../seam/session.js";
import { hashedLaw } from "../../testing/laws.js";
import { mockModel } from "./mock.js";

const PREFIX = [3, 1, 4, 1, 5];

function read(tokens: readonly number[] = PREFIX): Session {
  const law = hashedLaw(1, 11);
  const session = mockModel({ law, head: law, capabilities: { vocabSize: 11, numLayers: 2 } }).session();
  session.forward({ tokens, attend: "causal", keep: tokens.length });
  return session;
}
const store = (session: Session, tokens: readonly number[]) =>
  session.forward({ tokens, attend: "causal", keep: tokens.length });
const next = async (session: Session) =>
  (await session.forward({ tokens: [7, 8], attend: "causal", rows: "last", keep: 0 }).logits()).slice();

it("a fork and its session go their own ways: each is a new one that read its text", async () => {
  const session = read();
  const fork = session.fork();
  expect(fork.counts).toEqual({ forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 });
  store(session, [9, 2]);
  fork.truncate(3);
  store(fork, [6]);
  expect([session.length, session.maxLength, fork.length, fork.maxLength]).toEqual([7, 7, 4, 4]);
  expect(await next(session)).toEqual(await next(read([...PREFIX, 9, 2])));
  session.dispose();
  expect(await next(fork)).toEqual(await next(read([3, 1, 4, 6])));
});

it("a fork is refused while the length depends on an unread result, and of a session that reads another's states", async () => {
  const session = read();
  session.keep(session.forward({ tokens: [1, 2, 3], attend: "causal", keep: 1 }).ask(verify(GREEDY)));
  expect(() => session.fork()).toThrow(/settle/);
  await session.settle();
  expect(session.fork().length).toBe(session.length);
  expect(() => session.beside(EAGLE).fork()).toThrow(/states can't be forked/);
  expect(session.beside(earlyExit(1)).fork().length).toBe(0);
});
