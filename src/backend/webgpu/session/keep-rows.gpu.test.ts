import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import type { Attend, ForwardRequest } from "../../../seam/forward.js";
import type { Model } from "../../../seam/model.js";
import { ARGMAX } from "../../../seam/questions/sample.js";
import { verify } from "../../../seam/questions/verify.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { fileDevice } from "../../../testing/file-device.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";

const PREFIX = [5, 22, 73, 158, 277];
/** Rows 0, 2 and 4 are a path, and 0 and 1; 3 follows 2. */
const TREE = { tokens: [31, 7, 44, 90, 12], parents: [-1, 0, 0, 2, 2] };

const gpu = await fileDevice();

const prefill = (session: Session, tokens: readonly number[] = PREFIX) =>
  session.forward({ tokens, attend: "causal", rows: [], keep: tokens.length });
/** Logits of the last of some more rows, bit by bit. */
const next = async (session: Session, tokens: readonly number[] = [3, 61]) =>
  new Uint32Array((await session.forward({ tokens, attend: "causal", rows: "last", keep: 0 }).logits()).buffer);
const tree = (session: Session, keep = 1) =>
  session.forward({ tokens: TREE.tokens, attend: { parents: TREE.parents }, rows: "all", keep });
const chain: ForwardRequest = { tokens: [7, 8, 9, 10], attend: "causal", rows: "all", keep: 1 };

// Queries and keys with norms; windows and scaled embeddings; learned positions; a norm of its own.
describe.each(["qwen3", "gemma3_text", "gpt2", "gpt_neox"])("rows of %s that are kept by their numbers", (name) => {
  let model: Model;
  let session: Session;
  beforeAll(async () => {
    const source = fileSource(`tests/fixtures/models/${name}`);
    model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: 64 });
    session = model.session();
  });
  afterAll(() => {
    session.dispose();
    model.dispose();
  });

  /** What a session says that read these tokens one by one. */
  async function fresh(tokens: readonly number[]): Promise<Uint32Array> {
    const other = model.session();
    for (const token of tokens) other.forward({ tokens: [token], attend: "causal", rows: [], keep: 1 });
    const logits = await next(other);
    other.dispose();
    return logits;
  }

  it.each([
    { title: "a path of a tree", keep: 1, rows: [2, 4] },
    { title: "a tree's path from its root", keep: 0, rows: [0, 2, 3] },
    { title: "the path that lies in place", keep: 0, rows: [0, 1] },
    { title: "nothing", keep: 1, rows: [] },
  ])("are $title, as if it alone had been read: bit for bit, and at once", async ({ keep, rows }) => {
    session.truncate(0);
    prefill(session);
    tree(session, keep);
    const { readbackBytes } = session.counts;
    session.keep(rows);
    expect(session.length).toBe(PREFIX.length + keep + rows.length);
    expect(session.maxLength).toBe(session.length);
    expect(session.counts.readbackBytes).toBe(readbackBytes);
    const path = [...TREE.tokens.slice(0, keep), ...rows.map((row) => TREE.tokens[row])];
    expect(await next(session)).toEqual(await fresh([...PREFIX, ...path]));
    expect(session.match([...PREFIX, ...path])).toBe(PREFIX.length + path.length);
  });

  it("are one sibling of several, one after another", async () => {
    session.truncate(0);
    prefill(session);
    const ids = [...PREFIX];
    for (const chosen of [2, 0, 3]) {
      const tokens = [11, 12, 13, 14].map((token) => token + 20 * chosen);
      session.forward({ tokens, attend: { parents: [-1, -1, -1, -1] }, rows: "all", keep: 0 });
      session.keep([chosen]);
      ids.push(tokens[chosen]);
    }
    expect(await next(session)).toEqual(await fresh(ids));
  });

  it("are the beginning of a chain", async () => {
    session.truncate(0);
    prefill(session);
    session.forward(chain);
    session.keep([1, 2]);
    expect(await next(session)).toEqual(await fresh([...PREFIX, 7, 8, 9]));
  });
});

describe("rows that are kept by their numbers", () => {
  let model: Model;
  let session: Session;
  beforeAll(async () => {
    const source = fileSource("tests/fixtures/models/qwen3");
    // Longer than one forward may be, so that a long prompt is cut.
    model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: 560 });
    session = model.session();
  });
  afterAll(() => {
    session.dispose();
    model.dispose();
  });

  it("may have tokens that only the device knows, which settle reads", async () => {
    session.truncate(0);
    prefill(session);
    const drawn = session.forward({ tokens: [7], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
    session.forward({ tokens: [1, drawn.ref(0)], attend: { parents: [-1, -1] }, rows: "all", keep: 0 });
    session.keep([1]);
    expect(session.length).toBe(PREFIX.length + 2);
    await session.settle();
    const [{ token }] = await drawn.read();
    expect(session.match([...PREFIX, 7, token])).toBe(PREFIX.length + 2);
  });

  it("may stand behind a length that isn't known", async () => {
    session.truncate(0);
    prefill(session);
    const verdict = session.forward(chain).ask(verify(GREEDY));
    session.keep(verdict);
    session.forward({ tokens: [40, 41, 42], attend: { parents: [-1, -1, 1] }, rows: "all", keep: 0 });
    session.keep([1, 2]);
    expect(() => session.length).toThrow(/settle/);
    const { accepted } = await verdict.read();
    expect(session.length).toBe(PREFIX.length + 3 + accepted);
    const other = model.session();
    prefill(other, [...PREFIX, ...chain.tokens.slice(0, 1 + accepted), 41, 42] as number[]);
    expect(await next(session)).toEqual(await next(other));
    other.dispose();
  });

  it("may be the last one of a prompt that was cut in pieces", async () => {
    session.truncate(0);
    const tokens = Array.from({ length: 520 }, (_, i) => (i * i * 17 + 5) % 300);
    session.forward({ tokens, attend: "causal", rows: "last", keep: 519 });
    session.keep([519]);
    expect(session.match(tokens)).toBe(520);
    const other = model.session();
    prefill(other, tokens);
    expect(await next(session)).toEqual(await next(other));
    other.dispose();
  });

  const ranked = (rank: number[]): Attend => ({ rank });
  it.each<[string, ForwardRequest, number[], RegExp]>([
    ["a row that is kept already", chain, [0], /row 0 is none of scratch rows 1 to 3/],
    ["a row that isn't there", chain, [4], /row 4 is none of/],
    ["no whole number", chain, [1.5], /row 1.5 is none of/],
    ["a row without the one that it saw", chain, [2], /row 2 follows row 1/],
    ["a row twice", chain, [1, 1], /row 1 follows row 0/],
    ["rows from behind", chain, [2, 1], /row 2 follows row 1/],
    [
      "a child of the last kept token, where a row beside it was kept",
      { tokens: [1, 2], attend: { parents: [-1, -1] }, keep: 1 },
      [1],
      /row 1 follows row -1/,
    ],
    ["two siblings", { tokens: [1, 2], attend: { parents: [-1, -1] }, keep: 0 }, [0, 1], /row 1 follows row -1/],
    ["a row that saw all others", { tokens: [1, 2], attend: "full", keep: 0 }, [0], /chain or a tree/],
    ["a row of a block", { tokens: [1, 2], attend: { block: 4 }, keep: 0 }, [0], /chain or a tree/],
    ["a ranked row", { tokens: [1, 2], attend: ranked([9, 9]), keep: 0 }, [0], /chain or a tree/],
    ["a row in a slot of its own", { tokens: [1], slots: [2], attend: "causal", keep: 0 }, [0], /overwrote slots/],
  ])("aren't %s: that is refused before anything is enqueued", async (_title, request, rows, message) => {
    session.truncate(0);
    prefill(session);
    session.forward(request);
    const before = { ...session.counts, recorded: gpu.queue.dispatchCount, length: session.length };
    expect(() => session.keep(rows)).toThrow(message);
    expect({ ...session.counts, recorded: gpu.queue.dispatchCount, length: session.length }).toEqual(before);
  });

  it("are those of the last forward alone, once, and while nothing else has moved the length", () => {
    session.truncate(0);
    prefill(session);
    session.forward(chain);
    session.keep([1]);
    expect(() => session.keep([2])).toThrow(/once/);
    session.forward(chain);
    session.truncate(4);
    expect(() => session.keep([1])).toThrow(/once/);
    // A forward that was refused leaves the one before it the last.
    session.forward(chain);
    expect(() => session.forward({ tokens: [-1], attend: "causal", keep: 0 })).toThrow(/token id/);
    session.keep([1]);
    expect(session.length).toBe(6);
  });

  it("have been asked before where the answer depends on what they saw", () => {
    session.truncate(0);
    prefill(session);
    const rows = tree(session);
    session.keep([2, 4]);
    const penalized = { ...ARGMAX, sampler: { ...GREEDY, repetitionPenalty: 2 } };
    expect(() => rows.ask(penalized)).toThrow(/before a path/);
  });
});
