// What a session promises of its rows' states: that they are those of the rows, and which kept rows have left theirs.
import { STATES } from "../../../extension/states/key.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import type { Pending } from "../../../seam/pending.js";
import { type Contrasted, contrast } from "../../../seam/questions/contrast.js";
import { verify } from "../../../seam/questions/verify.js";
import { topK } from "../../../seam/questions/top-k.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { fileDevice } from "../../../testing/file-device.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import { StateStore } from "./state-store.js";
import type { WebGpuModel } from "./webgpu-model.js";

const CONTEXT = 700;
const SIBLINGS = { parents: [-1, -1, -1, -1] };

const gpu = await fileDevice();
let model: WebGpuModel;
let session: Session;
beforeAll(async () => {
  model = await load("qwen3", CONTEXT);
  session = model.session();
});
afterAll(() => {
  session.dispose();
  model.dispose();
});
beforeEach(() => session.truncate(0));

async function load(name: string, maxLength?: number): Promise<WebGpuModel> {
  const source = fileSource(`tests/fixtures/models/${name}`);
  const architecture = await loadArchitecture(source);
  return loadTransformer(gpu, source, maxLength ? { ...architecture, maxLength } : architecture);
}

const tokens = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ((i + from) * (i + from) * 17 + 5) % 250);

/** Reads these behind what is kept, and leaves their states. */
const read = (ids: readonly number[], on = session) =>
  on.forward({ tokens: ids, attend: "causal", rows: "last", states: on.beside(STATES), keep: ids.length });

/** The states at these slots. */
async function statesAt(from: number, count: number, on = session): Promise<Float32Array> {
  const store = on.beside(STATES);
  if (!(store instanceof StateStore)) throw new Error("no store of this backend");
  const { states, rowBytes } = store.table;
  return new Float32Array(await gpu.queue.read(states, from * rowBytes, count * rowBytes));
}

/** The states of a text's last rows, read by a session of its own, one row at a time. */
async function statesOf(ids: readonly number[], count: number, of = model): Promise<Float32Array> {
  const other = of.session();
  for (const id of ids) read([id], other);
  const states = await statesAt(ids.length - count, count, other);
  other.dispose();
  return states;
}

describe.each(["gpt2", "llama", "mistral", "gemma3_text", "gpt_neox"])("on %s", (name) => {
  it("candidates leave the states that they would leave by themselves, bit for bit, and the one that is kept takes its along", async () => {
    const own = await load(name);
    const on = own.session();
    const prompt = tokens(13);
    const candidates = read(prompt, on).ask(topK(4));
    const [list] = await candidates.read();
    const ids = list.map(({ token }) => token);
    const rows = on.forward({ tokens: ids, attend: SIBLINGS, states: on.beside(STATES), keep: 0 });
    const how = { alpha: 0.6, states: on.beside(STATES), candidates, k: 4 };
    const chosen = rows.ask(contrast(GREEDY, how));
    const states = await statesAt(prompt.length, 4, on);
    const size = states.length / 4;
    for (const [i, id] of ids.entries()) {
      expect(states.slice(i * size, (i + 1) * size)).toEqual(await statesOf([...prompt, id], 1, own));
    }
    on.keep(chosen);
    expect(on.length).toBe(prompt.length + 1);
    const { row, token } = await chosen.read();
    expect(token).toBe(ids[row]);
    expect(await statesAt(prompt.length, 1, on)).toEqual(states.slice(row * size, (row + 1) * size));
    // And what is read behind it is behind it.
    read([9, 4], on);
    const behind = await statesOf([...prompt, token, 9, 4], 3, own);
    expect(await statesAt(prompt.length, 3, on)).toEqual(behind);
    on.dispose();
    own.dispose();
  });
});

it("the rows of a prompt that is cut in pieces leave theirs", async () => {
  const prompt = tokens(600);
  read(prompt);
  expect(session.beside(STATES).length).toBe(600);
  const states = await statesAt(0, 600);
  const other = model.session();
  for (let at = 0; at < 600; at += 150) read(prompt.slice(at, at + 150), other);
  expect(states).toEqual(await statesAt(0, 600, other));
  other.dispose();
});

describe("the number of kept rows that have left their states", () => {
  const states = () => session.beside(STATES);
  const store = (count: number) => session.forward({ tokens: tokens(count), attend: "causal", rows: [], keep: count });

  it("grows with those that do, up to the first that doesn't", () => {
    expect(states().length).toBe(0);
    read(tokens(7));
    expect(states().length).toBe(7);
    store(3);
    read(tokens(2));
    expect([states().length, session.length]).toEqual([7, 12]);
    session.truncate(9);
    read(tokens(2));
    expect([states().length, session.length]).toEqual([7, 11]);
    session.truncate(7);
    read(tokens(2));
    expect([states().length, session.length]).toEqual([9, 9]);
    session.truncate(4);
    expect(states().length).toBe(4);
    store(1);
    expect(states().length).toBe(4);
  });

  it("ends where a slot is written over by a row that leaves none, and not by one that does", () => {
    read(tokens(7));
    session.forward({ tokens: [5], slots: [3], attend: "causal", states: states(), keep: 0 });
    expect(states().length).toBe(7);
    session.forward({ tokens: [5], slots: [3], attend: "causal", keep: 0 });
    expect(states().length).toBe(3);
  });

  it("counts drafts that a verdict accepts, and is of a session that is settled", async () => {
    read(tokens(7));
    const rows = session.forward({ tokens: [5, 6, 7], attend: "causal", states: states(), keep: 1 });
    const verdict = rows.ask(verify(GREEDY));
    session.keep(verdict);
    expect(() => states().length).toThrow(/await settle/);
    const { accepted } = await verdict.read();
    expect(states().length).toBe(8 + accepted);
    session.keep(session.forward({ tokens: [5, 6], attend: "causal", keep: 1 }).ask(verify(GREEDY)));
    await session.settle();
    expect(states().length).toBe(8 + accepted);
  });

  it("is 0 of a session that has kept rows before it was asked for its states", () => {
    const other = model.session();
    other.forward({ tokens: tokens(5), attend: "causal", rows: [], keep: 5 });
    expect(other.beside(STATES).length).toBe(0);
    other.dispose();
  });
});

describe("what is asked of states", () => {
  const candidates = () => read(tokens(6)).ask(topK(4));
  const ask = (more: { keep?: number; states?: boolean; list?: Pending<Contrasted> }) => {
    const list = more.list ?? candidates();
    const room = session.beside(STATES);
    const rows = session.forward({
      tokens: tokens(4),
      attend: more.keep ? "causal" : SIBLINGS,
      states: more.states === false ? undefined : room,
      keep: more.keep ?? 0,
    });
    return rows.ask(contrast(GREEDY, { alpha: 0.5, states: room, candidates: list, k: 4 }));
  };

  it("is refused where candidates are kept, or kept rows have left none", () => {
    expect(() => ask({ keep: 1 })).toThrow(/candidates are all rows of a forward/);
    session.truncate(0);
    const list = candidates();
    session.forward({ tokens: [3], attend: "causal", rows: [], keep: 1 });
    expect(() => ask({ list: list as never })).toThrow(/states of 6 rows of 7/);
  });

  it("is refused of another session", () => {
    const other = model.session();
    const forward = () => other.forward({ tokens: [3], attend: "causal", states: session.beside(STATES), keep: 1 });
    expect(forward).toThrow(/these states are another session's/);
    other.dispose();
  });

  it("is kept once, and only of the last forward", () => {
    const chosen = ask({});
    session.keep(chosen);
    expect(() => session.keep(chosen)).toThrow(/only the verdict of the session's last forward/);
    const later = ask({ list: chosen });
    read([3]);
    expect(() => session.keep(later)).toThrow(/only the verdict of the session's last forward/);
  });
});
