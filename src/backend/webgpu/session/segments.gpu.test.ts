import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { expectLogits } from "../../../testing/expect-logits.js";
import { ReferenceModel } from "../../../testing/reference-model.js";
import { type Layout, layOut, ordersOf } from "../../../testing/sets.js";
import type { Attend } from "../../../seam/forward.js";
import type { Model } from "../../../seam/model.js";
import type { Rows } from "../../../seam/rows.js";
import type { Session } from "../../../seam/session.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import { activate, attend, layerNorm, matmul } from "../ops/reference.js";

const ROPE = fileSource("tests/fixtures/models/llama-tied-rope3");
const LEARNED = fileSource("tests/fixtures/models/gpt2");
/** Longer than a pass. */
const CONTEXT = 1100;

let gpu: Gpu;
let rope: Model;
let learned: Model;
beforeAll(async () => {
  gpu = await openDevice();
  rope = await loadTransformer(gpu, ROPE, { ...(await loadArchitecture(ROPE)), maxLength: CONTEXT });
  learned = await loadTransformer(gpu, LEARNED, await loadArchitecture(LEARNED));
});
afterAll(() => {
  rope.dispose();
  learned.dispose();
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

const text = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ((i + from) * (i + from) * 17 + 5) % 280);
/** Over tiles' edges, and of odd and even numbers of rows. */
const LAYOUT: Layout = [
  text(5),
  { set: [text(3, 9), text(18, 20), text(1, 40)] },
  text(4, 50),
  { set: [text(2, 60), text(2, 70)] },
  text(6, 80),
];

/** Ids of a smaller vocabulary. */
const inMistral = (ids: readonly number[]) => ids.map((id) => id % 256);

/** Reads such a text and returns the rows of its last part. */
function read(session: Session, layout: Layout): Rows {
  let rows: Rows | null = null;
  for (const [i, part] of layout.entries()) {
    const tokens = "set" in part ? part.set.flat() : part;
    const how: Attend = "set" in part ? { segments: part.set.map(({ length }) => length) } : "causal";
    const list = i < layout.length - 1 ? [] : tokens.length > 64 ? "last" : "all";
    rows = session.forward({ tokens, attend: how, rows: list, keep: tokens.length });
  }
  if (!rows) throw new Error("nothing was read");
  return rows;
}

/** The last row's logits of such a text, on a new session. */
async function lastOf(layout: Layout, model = rope): Promise<Float32Array> {
  const session = model.session();
  const logits = await read(session, layout).logits();
  session.dispose();
  return logits.slice(-model.capabilities.vocabSize);
}

describe("rows behind sets", () => {
  it("have the logits of the explicit mask in float64, with rotary positions", async () => {
    const reference = await ReferenceModel.read(ROPE);
    const { ids, positions, sees } = layOut(LAYOUT);
    const rows = ids.map((id) => reference.embed(id));
    const states = reference.states({ rows, positions, sees: (row) => sees[row] });
    const session = rope.session();
    await expectLogits(reference, read(session, LAYOUT), states.slice(-6));
    session.dispose();
  });

  it("have the logits of the explicit mask in float64, within a window of positions", async () => {
    const source = fileSource("tests/fixtures/models/mistral");
    const reference = await ReferenceModel.read(source);
    const model = await loadTransformer(gpu, source, await loadArchitecture(source));
    const layout = LAYOUT.map((part) => ("set" in part ? { set: part.set.map(inMistral) } : inMistral(part)));
    const { ids, positions, sees } = layOut(layout);
    const [{ attention }] = reference.architecture.layers;
    expect(attention.window).toBe(8);
    // By positions, which segments share, not by slots: of a set of 22 rows that the next text begins 18 behind.
    const near = sees.map((seen, row) => seen.filter((other) => positions[row] - positions[other] < 8));
    const rows = ids.map((id) => reference.embed(id));
    const states = reference.states({ rows, positions, sees: (row) => near[row] });
    const session = model.session();
    await expectLogits(reference, read(session, layout), states.slice(-6));
    session.dispose();
    model.dispose();
  });

  it("have the logits of the explicit mask in float64, with learned positions", async () => {
    const reference = await ReferenceModel.read(LEARNED);
    const states = gpt2States(reference, LAYOUT).slice(-6);
    const table = reference.weight("wte.weight");
    const session = learned.session();
    const logits = await read(session, LAYOUT).logits();
    session.dispose();
    const { vocabSize: n, hiddenSize: k } = reference.architecture;
    const expected = states.flatMap((row) => [...matmul(row, table, { m: 1, n, k }).values]);
    const scale = Math.max(...expected.map(Math.abs));
    expect(Math.max(...expected.map((logit, i) => Math.abs(logit - logits[i])))).toBeLessThan(2e-5 * scale);
  });

  it("read in a tree as in a chain", async () => {
    const session = rope.session();
    read(session, LAYOUT.slice(0, -1));
    const tree = session.forward({
      tokens: text(6, 80),
      attend: { parents: [-1, 0, 1, 2, 3, 4] },
      rows: "last",
      keep: 0,
    });
    expect(await tree.logits()).toEqual(await lastOf(LAYOUT));
    session.dispose();
  });
});

describe("a set", () => {
  it.each([1, 17, 900])("of one segment of %i rows is plain text, bit for bit", async (length) => {
    const [before, segment, behind] = [text(5), text(length, 9), text(3, 50)];
    expect(await lastOf([before, { set: [segment] }, behind])).toEqual(
      await lastOf([[...before, ...segment, ...behind]]),
    );
  });

  it("has the bits of its segments alone, however long their siblings and the passes that it is cut in", async () => {
    for (const lengths of [
      [3, 21],
      [100, 500],
      [600, 300, 40],
    ]) {
      const set = lengths.map((length, i) => text(length, i * 31));
      const session = rope.session();
      read(session, [text(7)]);
      const rows = session.forward({
        tokens: set.flat(),
        attend: { segments: lengths },
        rows: "last",
        keep: set.flat().length,
      });
      expect(await rows.logits(), String(lengths)).toEqual(await lastOf([text(7), [...(set.at(-1) ?? [])]]));
      session.dispose();
    }
  });

  it("says the same in every order, but for the rounding of sums", async () => {
    const segments = [text(300, 3), text(250, 11), text(90, 31)];
    const all: Float32Array[] = [];
    for (const set of ordersOf(segments)) all.push(await lastOf([text(4), { set }, text(3, 70)]));
    const scale = Math.max(...all[0].map(Math.abs));
    for (const logits of all) {
      expect(Math.max(...logits.map((logit, i) => Math.abs(logit - all[0][i])))).toBeLessThan(2e-5 * scale);
    }
    const plain = [
      await lastOf([text(4), ...segments, text(3, 70)]),
      await lastOf([text(4), ...segments.toReversed(), text(3, 70)]),
    ];
    expect(Math.max(...plain[0].map((logit, i) => Math.abs(logit - plain[1][i])))).toBeGreaterThan(1e-3 * scale);
  });

  it("is matched as a set only, and cut as one", async () => {
    const { ids } = layOut(LAYOUT);
    const sets = [
      { start: 5, lengths: [3, 18, 1] },
      { start: 31, lengths: [2, 2] },
    ];
    const session = rope.session();
    const expected = await lastOf(LAYOUT);
    read(session, LAYOUT);
    expect(session.match(ids, sets)).toBe(ids.length);
    expect(session.match(ids.slice(0, -6), sets)).toBe(35);
    // What is kept serves as it did.
    expect((await read(session, [text(6, 80)]).logits()).slice(-expected.length)).toEqual(expected);
    expect(session.match(ids, sets.slice(0, 1))).toBe(31);
    session.truncate(20);
    expect(session.length).toBe(5);
    const plain = await lastOf([[...text(5), ...text(9, 3)]]);
    expect((await read(session, [text(9, 3)]).logits()).slice(-plain.length)).toEqual(plain);
    expect(session.match([...text(5), ...text(9, 3)], [{ start: 5, lengths: [4, 5] }])).toBe(5);
    session.dispose();
  });

  it("is known to a fork of its session", async () => {
    const session = rope.session();
    read(session, LAYOUT.slice(0, -1));
    await session.settle();
    const fork = session.fork();
    session.truncate(0);
    const expected = await lastOf(LAYOUT);
    expect((await read(fork, [text(6, 80)]).logits()).slice(-expected.length)).toEqual(expected);
    await fork.settle();
    expect(fork.match(layOut(LAYOUT).ids)).toBe(5);
    fork.dispose();
    session.dispose();
  });

  it("is refused before anything is enqueued", () => {
    const session = rope.session();
    const before = { ...session.counts };
    const forward = (segments: number[], more: object = {}) =>
      session.forward({ tokens: text(4), attend: { segments }, rows: [], keep: 4, ...more });
    expect(() => forward([1, 2])).toThrow("segments of 3 rows in a forward of 4");
    expect(() => forward([2, 2], { keep: 2 })).toThrow("2 of 4 rows of segments are to be kept, not all");
    expect(() => forward([2, 2], { positions: [0, 1, 0, 1] })).toThrow("segments are rows of tokens and nothing else");
    const long = text(CONTEXT + 1);
    expect(() => session.forward({ tokens: long, attend: { segments: [800, 301] }, keep: CONTEXT + 1 })).toThrow(
      "context",
    );
    expect(session.counts).toEqual(before);
    session.dispose();
  });
});

/** GPT-2 by its definition, in float64, with an explicit mask. */
function gpt2States(reference: ReferenceModel, layout: Layout): Float64Array[] {
  const { hiddenSize: width, numHeads, headDim, layers } = reference.architecture;
  const { ids, positions, sees } = layOut(layout);
  const at = (name: string) => reference.weight(name);
  const row = (name: string, i: number) => at(name).subarray(i * width, (i + 1) * width);
  const add = (a: ArrayLike<number>, b: ArrayLike<number>) => Float64Array.from(a, (value, i) => value + b[i]);
  // Conv1D: stored [in, out].
  const product = (x: ArrayLike<number>, name: string) => {
    const bias = at(`${name}.bias`);
    return Float64Array.from(bias, (sum, column) => {
      for (let i = 0; i < x.length; i++) sum += x[i] * at(`${name}.weight`)[i * bias.length + column];
      return sum;
    });
  };
  const norm = (x: ArrayLike<number>, name: string) => layerNorm(x, at(`${name}.weight`), at(`${name}.bias`), 1e-5);
  let x = ids.map((id, i) => add(row("wte.weight", id), row("wpe.weight", positions[i])));
  for (const [layer, { attention, mlp }] of layers.entries()) {
    const own = `h.${layer}`;
    const qkv = x.map((one) => product(norm(one, `${own}.ln_1`), `${own}.attn.c_attn`));
    const head = (m: number, part: number, h: number) => {
      const from = part * width + h * headDim;
      return qkv[m].subarray(from, from + headDim);
    };
    x = x.map((one, m) => {
      const attended = Array.from({ length: numHeads }, (_, h) => {
        const [keys, values] = [1, 2].map((part) => sees[m].map((other) => head(other, part, h)));
        return [...attend(head(m, 0, h), keys, values, attention.scale)];
      });
      const middle = add(one, product(attended.flat(), `${own}.attn.c_proj`));
      const inner = product(norm(middle, `${own}.ln_2`), `${own}.mlp.c_fc`).map((v) => activate(mlp.activation, v));
      return add(middle, product(inner, `${own}.mlp.c_proj`));
    });
  }
  return x.map((one) => norm(one, "ln_f"));
}
