import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { type Gpu, openDevice } from "../../backend/webgpu/gpu/device.js";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import type { Model } from "../../seam/model.js";
import { type Rehearsed, rehearse } from "../../testing/rehearsal.js";
import { ordersOf } from "../../testing/sets.js";
import type { TokenId } from "../../vocabulary/events.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { ordersApart } from "../orders-apart.js";
import { setBased } from "./decoder.js";

const IDS = { encode: () => [], promptIds: () => [] };
const SEGMENTS: TokenId[][] = [[21, 30, 7], [44], [21, 8, 90, 61, 3, 17, 33], [5, 66]];
const [BEFORE, BEHIND] = [
  [9, 14, 230],
  [70, 12],
];
const prompt = (set: readonly TokenId[][]) => [...BEFORE, { set }, ...BEHIND];

let gpu: Gpu;
const models: Record<string, Model> = {};
beforeAll(async () => {
  gpu = await openDevice();
  for (const name of ["qwen3", "gpt2"]) {
    const source = fileSource(`tests/fixtures/models/${name}`);
    models[name] = await loadTransformer(gpu, source, await loadArchitecture(source));
  }
});
afterAll(() => {
  for (const model of Object.values(models)) model.dispose();
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

describe.each(["qwen3", "gpt2"])("set-based prompting on %s", (name) => {
  const write = (segments: readonly TokenId[][], more: Partial<Rehearsed> = {}) =>
    rehearse({
      decoder: setBased,
      models: { target: models[name] },
      promptIds: [...BEFORE, ...segments.flat(), ...BEHIND],
      sets: [{ start: BEFORE.length, lengths: segments.map(({ length }) => length) }],
      options: { max_new_tokens: 6, temperature: 0.8 },
      ...more,
    });

  it("gives the same ids, log-probabilities and logits in all orders of four segments", async () => {
    const { events } = await write(SEGMENTS);
    for (const order of ordersOf(SEGMENTS)) {
      expect((await write(order)).events).toEqual(events);
      const apart = await ordersApart(models[name], IDS, [prompt(SEGMENTS), prompt(order)]);
      expect(apart.setBased).toBe(0);
      if (order.flat().join() !== SEGMENTS.flat().join()) expect(apart.ordinary).toBeGreaterThan(0);
    }
  });

  it("is the ordinary text with one segment, also on a session that has read a set", async () => {
    const target = models[name].session();
    const plain = await write([SEGMENTS.flat()], { decoder: autoregressive, sets: [] });
    const one = await write([SEGMENTS.flat()], { target });
    const edits = ({ events }: typeof one) => events.map((event) => ("edits" in event ? event.edits : null));
    expect(edits(one)).toEqual(edits(plain));
    await write(SEGMENTS, { target });
    expect(edits(await write([SEGMENTS.flat()], { decoder: autoregressive, sets: [], target }))).toEqual(edits(plain));
    target.dispose();
  });
});
