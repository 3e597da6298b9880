import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { earlyExit } from "../../../extension/early-exit/key.js";
import { fileSource } from "../../../format/file-source.js";
import type { Model } from "../../../seam/model.js";
import { ARGMAX } from "../../../seam/questions/sample.js";
import { verify } from "../../../seam/questions/verify.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { fileDevice } from "../../../testing/file-device.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";

const PREFIX = [5, 22, 73, 158, 277, 96, 215];

const gpu = await fileDevice();

const store = (session: Session, tokens: readonly number[] = PREFIX) =>
  session.forward({ tokens, attend: "causal", rows: [], keep: tokens.length });
/** Logits of the last of some more rows, bit by bit. */
const next = async (session: Session, tokens: readonly number[] = [3, 61]) =>
  new Uint32Array((await session.forward({ tokens, attend: "causal", rows: "last", keep: 0 }).logits()).buffer);

describe.each(["qwen3", "gemma3_text", "gpt2"])("a fork of a session of %s", (name) => {
  let model: Model;
  beforeAll(async () => {
    const source = fileSource(`tests/fixtures/models/${name}`);
    model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: 64 });
  });
  afterAll(() => model.dispose());

  /** What a session says that read these tokens one by one. */
  async function fresh(tokens: readonly number[]): Promise<Uint32Array> {
    const other = model.session();
    for (const token of tokens) other.forward({ tokens: [token], attend: "causal", rows: [], keep: 1 });
    const logits = await next(other);
    other.dispose();
    return logits;
  }

  it("goes its own way, as does the session: each is a new one that read its text, bit for bit", async () => {
    const session = model.session();
    store(session);
    // Scratch rows don't follow.
    session.forward({ tokens: [9, 9, 9], attend: "causal", rows: "all", keep: 0 });
    const fork = session.fork();
    expect(fork.length).toBe(PREFIX.length);
    store(session, [31, 7]);
    fork.truncate(5);
    store(fork, [44]);
    const twice = fork.fork();
    store(twice, [90]);
    expect(await next(session)).toEqual(await fresh([...PREFIX, 31, 7]));
    expect(await next(fork)).toEqual(await fresh([...PREFIX.slice(0, 5), 44]));
    expect(await next(twice)).toEqual(await fresh([...PREFIX.slice(0, 5), 44, 90]));
    for (const made of [session, fork, twice]) made.dispose();
  });

  it.each(["session", "fork"])("goes on where the %s is disposed of, at once", async (first) => {
    const { bufferCount } = gpu.arena;
    const session = model.session();
    store(session);
    const fork = session.fork();
    const [gone, left] = first === "session" ? [session, fork] : [fork, session];
    gone.dispose();
    expect(await next(left)).toEqual(await fresh(PREFIX));
    left.dispose();
    expect(gpu.arena.bufferCount).toBe(bufferCount);
  });
});

describe("a fork", () => {
  let model: Model;
  let session: Session;
  beforeAll(async () => {
    const source = fileSource("tests/fixtures/models/qwen3");
    model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: 64 });
    session = model.session();
  });
  afterAll(() => {
    session.dispose();
    model.dispose();
  });

  it("of nothing is a new session, and one of a full cache is full", () => {
    session.truncate(0);
    const empty = session.fork();
    expect(empty.length).toBe(0);
    const tokens = Array.from({ length: 64 }, (_, i) => i);
    store(session, tokens);
    const full = session.fork();
    expect(full.match(tokens)).toBe(64);
    expect(() => store(full, [1])).toThrow(/don't fit the context/);
    empty.dispose();
    full.dispose();
  });

  it("knows the tokens that the session knows, and learns the others itself", async () => {
    session.truncate(0);
    store(session);
    const drawn = session.forward({ tokens: [7], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
    session.forward({ tokens: [drawn.ref(0)], attend: "causal", rows: [], keep: 1 });
    const fork = session.fork();
    await fork.settle();
    const [{ token }] = await drawn.read();
    expect(fork.match([...PREFIX, 7, token])).toBe(PREFIX.length + 2);
    fork.dispose();
  });

  it("is cut where the session would be: no kept row saw a dropped one", () => {
    session.truncate(0);
    session.forward({ tokens: PREFIX, attend: { block: 4 }, rows: [], keep: 7 });
    const fork = session.fork();
    fork.truncate(6);
    expect(fork.length).toBe(4);
    expect(session.length).toBe(7);
    fork.dispose();
  });

  it("keeps by rank what was kept by rank", async () => {
    session.truncate(0);
    session.forward({ tokens: [5, 6, 7], attend: { rank: [2, 0, 1] }, rows: [], keep: 3 });
    const fork = session.fork();
    expect(await next(fork)).toEqual(await next(session));
    fork.dispose();
  });

  it("is refused while the length depends on an unread result, before anything is enqueued", async () => {
    session.truncate(0);
    store(session);
    session.keep(session.forward({ tokens: [7, 8, 9], attend: "causal", keep: 1 }).ask(verify(GREEDY)));
    const before = [gpu.queue.dispatchCount, gpu.arena.bufferCount];
    expect(() => session.fork()).toThrow(/settle/);
    expect([gpu.queue.dispatchCount, gpu.arena.bufferCount]).toEqual(before);
    await session.settle();
    session.fork().dispose();
  });

  it("counts its own work from the beginning, and has nothing beside it yet", () => {
    session.truncate(0);
    store(session);
    store(session.beside(earlyExit(1)));
    const fork = session.fork();
    expect(fork.counts).toMatchObject({ forwards: 0, rows: 0, readbackBytes: 0 });
    expect(fork.beside(earlyExit(1)).length).toBe(0);
    const exit = session.beside(earlyExit(1)).fork();
    expect(exit.length).toBe(PREFIX.length);
    exit.dispose();
    fork.dispose();
  });
});
