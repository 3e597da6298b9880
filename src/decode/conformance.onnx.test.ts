// Every example of every decoder's folder writes on ONNX Runtime's WebAssembly, on a model that was loaded with what it asks for; without
// that it is refused by name before it runs.
import { afterAll, describe, expect, it } from "vitest";
import type { Architecture } from "../architecture/architecture.js";
import { onnxCapabilities } from "../backend/onnx/load/load.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import { fileSource } from "../format/file-source.js";
import { type ModelSource, memorySource } from "../format/source.js";
import type { Model } from "../seam/model.js";
import { CONFORMANCE_CASES, type ConformanceCase, HOLE } from "../testing/conformance-cases.js";
import { type Joined, joinedOnOnnx } from "../testing/joined-bed.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { randomAdapter } from "../testing/random-adapter.js";
import { randomHead } from "../testing/random-head.js";
import { type Rehearsed, rehearse, stepsOf } from "../testing/rehearsal.js";
import { numbers } from "../testing/test-bed.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { withConfig } from "../testing/with-config.js";
import { writeSafetensors } from "../testing/write-safetensors.js";
import { Canvas } from "../vocabulary/canvas.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { planRun } from "./engine/plan.js";

const FOLDER = fileSource("public/models/stories260k");
const SHALLOW = withConfig(FOLDER, { num_hidden_layers: 3 });
const LENGTHS = [4, 8, 2];
const bed = joinedOnOnnx(await onnxDevice());
const config = (await FOLDER.json("config.json")) as Record<string, unknown>;
const architecture: Architecture = { ...(await loadArchitecture(FOLDER)), eosTokens: [], maxLength: 96 };

const policy = memorySource(
  new Map<string, unknown>([
    ["config.json", { model_type: "block_policy", block_lengths: LENGTHS }],
    [
      "model.safetensors",
      writeSafetensors(
        new Map([
          ["policy.weight", { shape: [3, 64], values: numbers(5, 3 * 64) }],
          ["policy.bias", { shape: [3], values: numbers(6, 3) }],
        ]),
      ),
    ],
  ]),
  "memory:policy",
);

/** A model that was trained to read in one way, and what it is loaded with. */
interface Kind extends Joined {
  reading: Partial<Architecture>;
  anySubset?: boolean;
}

const IN_PLACE = { causal: false, inPlace: true, maskToken: HOLE };
const BLOCKS: Partial<Architecture> = { ...IN_PLACE, blockLengths: LENGTHS, defaultBlockLength: LENGTHS[0] };
const CAUSAL: Kind = {
  reading: {},
  head: randomHead(config, 3).source,
  adapter: randomAdapter(config, 4, { numMasks: 4 }).source,
};
const KINDS: Record<ConformanceCase["kind"], Kind> = {
  causal: CAUSAL,
  "block-drafts": CAUSAL,
  blocks: { reading: BLOCKS, head: policy },
  full: {
    reading: { ...IN_PLACE, bidirectional: true },
    head: randomHead(config, 4, { kind: "joint" }).source,
  },
  "masks-last": { reading: { ...IN_PLACE, causal: true } },
  subsets: { reading: IN_PLACE, anySubset: true },
};

const load = async (source: ModelSource, { reading, anySubset = false, ...joined }: Kind): Promise<Model> => {
  const model = await bed.load(source, { ...architecture, ...reading }, joined);
  Object.assign(model.capabilities, { anySubset });
  return model;
};
const pairs = new Map<string, Promise<{ target: Model; draft: Model }>>();
const modelsOf = (kind: ConformanceCase["kind"]) => {
  const make = async () => ({
    target: await load(FOLDER, KINDS[kind]),
    draft: await load(SHALLOW, { reading: kind === "block-drafts" ? BLOCKS : {} }),
  });
  const pair = pairs.get(kind) ?? make();
  pairs.set(kind, pair);
  return pair;
};
afterAll(async () => {
  for (const pair of pairs.values()) for (const model of Object.values(await pair)) model.dispose();
});

/** By sample, and whole with `npm run test:whole`. */
const written = CONFORMANCE_CASES.filter((_, i) => IS_WHOLE || i % 4 === 0);

const promptOf = ({ options }: ConformanceCase) => (options.infill ? [0, 3, HOLE, 1, HOLE, HOLE, 2] : [0, 3, 4, 1, 2]);
const replayed = (events: readonly GenerationEvent[]) =>
  Canvas.replay(events.flatMap((event) => (event.type === "start" || event.type === "step" ? event.edits : []))).ids();

describe.each(CONFORMANCE_CASES)("$name", (one) => {
  const { decoder, kind, options, onGraph } = one;
  const promptIds = promptOf(one);
  const length = options.infill ? {} : { max_new_tokens: 24 };
  const asked = { temperature: 0.9, seed: 7, ...options, ...length };

  it.runIf(written.includes(one))("writes, the same again, and every step by forwards that it counts", async () => {
    const models = await modelsOf(kind);
    const request: Rehearsed = { decoder, models, promptIds, options: asked };
    const [first, again] = [await rehearse(request), await rehearse(request)];
    expect(again.done.ids).toEqual(first.done.ids);
    expect(replayed(first.events)).toEqual(first.canvas.ids());
    const { maskToken } = models.target.capabilities;
    expect(first.canvas.slots().every(({ token }) => token !== null && token !== maskToken)).toBe(true);
    if (!options.infill) expect(first.done.ids).toHaveLength(24);
    const steps = stepsOf(first.events);
    expect(first.done.metrics.forwards).toBe(steps.reduce((sum, { forwards }) => sum + forwards, 0));
    for (const { target, draft } of [first, again]) {
      target.dispose();
      draft?.dispose();
    }
  });

  it.runIf(!onGraph)("is refused by name on a model that was loaded with nothing beside", () => {
    const { reading, anySubset = false } = KINDS[kind];
    const capabilities = { ...onnxCapabilities({ ...architecture, ...reading }), anySubset };
    const plan = () => planRun({ decoder, promptIds, options: asked, capabilities, draftCapabilities: capabilities });
    expect(plan).toThrow(InvalidOptionError);
    expect(plan).toThrow(/load\(url, \{ (head|adapter) \}\)/);
  });
});
