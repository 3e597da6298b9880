// What a forward copies out of the runtime is what was asked for: logits of the rows asked, states where something reads them, and the new rows'
// keys and values. Questions about rows copy nothing more.
import { afterAll, beforeAll, expect, it } from "vitest";
import { EAGLE } from "../../extension/eagle/key.js";
import { STATES } from "../../extension/states/key.js";
import type { ForwardRequest } from "../../seam/forward.js";
import type { Model } from "../../seam/model.js";
import { sample } from "../../seam/questions/sample.js";
import { topK } from "../../seam/questions/top-k.js";
import { verify } from "../../seam/questions/verify.js";
import { GREEDY } from "../../seam/sampler.js";
import type { Session } from "../../seam/session.js";
import { fileSource } from "../../format/file-source.js";
import { joinedOnOnnx } from "../../testing/joined-bed.js";
import { onnxDevice } from "../../testing/onnx-device.js";
import { randomHead } from "../../testing/random-head.js";
import { loadArchitecture } from "../webgpu/load/load.js";
import { OnnxDevice } from "./onnx-device.js";
import type { OnnxRuntime } from "./onnx-graph.js";

const FOLDER = fileSource("public/models/stories260k");
const [VOCAB, HIDDEN, LAYERS, ROW] = [512, 64, 5, 32];
const KEPT = [1, 403, 407];
const TREE = { tokens: [261, 378, 281, 410], attend: { parents: [-1, 0, 0, 1] } } as const;

/** Numbers by output, of the forwards since they were asked for last. */
let copied: Record<string, number> = {};
let model: Model;
beforeAll(async () => {
  const { runtime, provider } = await onnxDevice();
  const InferenceSession = {
    async create(...how: Parameters<OnnxRuntime["InferenceSession"]["create"]>) {
      const session = await runtime.InferenceSession.create(...how);
      const run = async (...asked: Parameters<typeof session.run>) => {
        const outputs = await session.run(...asked);
        for (const [name, { data }] of Object.entries(outputs)) {
          const kind = name.replace(/ .*/, "");
          copied[kind] = (copied[kind] ?? 0) + (data as Float32Array).length;
        }
        return outputs;
      };
      return { run, release: () => session.release() };
    },
  };
  const counting = { ...runtime, InferenceSession } as unknown as OnnxRuntime;
  const bed = joinedOnOnnx(new OnnxDevice(counting, provider, async () => undefined));
  const config = (await FOLDER.json("config.json")) as Record<string, unknown>;
  model = await bed.load(FOLDER, await loadArchitecture(FOLDER), { head: randomHead(config, 3).source });
});
afterAll(() => model.dispose());

async function copiedBy(session: Session, request: ForwardRequest): Promise<Record<string, number>> {
  copied = {};
  session.forward(request);
  await session.settle();
  return copied;
}

const rowsOf = (numRows: number) => ({ keys: numRows * ROW * LAYERS, values: numRows * ROW * LAYERS });

it("logits of the rows asked for alone, of a chain and of a tree", async () => {
  const session = model.session();
  const chain = { tokens: KEPT, attend: "causal", keep: 3 } as const;
  expect(await copiedBy(session, { ...chain, rows: [] })).toEqual({ logits: 0, ...rowsOf(3) });
  expect(await copiedBy(session, { ...TREE, rows: [3, 1], keep: 0 })).toEqual({ logits: 2 * VOCAB, ...rowsOf(4) });
  expect(await copiedBy(session, { ...TREE, rows: "last", keep: 0 })).toEqual({ logits: VOCAB, ...rowsOf(4) });
  session.dispose();
});

it("nothing more by questions, however many, and their answers are what a device would read back", async () => {
  const session = model.session();
  await copiedBy(session, { tokens: KEPT, attend: "causal", rows: [], keep: 3 });
  copied = {};
  const rows = session.forward({ ...TREE, rows: [0, 1, 2], keep: 1 });
  const before = session.counts.readbackBytes;
  const asked = [rows.ask(verify(GREEDY)), rows.ask(sample(GREEDY)), rows.ask(topK(4))] as const;
  for (const pending of asked) await pending.read();
  expect(copied).toEqual({ logits: 3 * VOCAB, ...rowsOf(4) });
  expect(session.counts.readbackBytes - before).toBe(3 * 16 * 3);
  session.dispose();
});

it("states where something reads them, of the forwards that leave some", async () => {
  const session = model.session();
  const head = session.beside(EAGLE);
  const text = { tokens: KEPT, attend: "causal", rows: [], keep: 0 } as const;
  expect(await copiedBy(session, text)).toEqual({ logits: 0, ...rowsOf(3) });
  expect(await copiedBy(session, { ...text, hidden: true })).toEqual({ logits: 0, hidden: 3 * HIDDEN, ...rowsOf(3) });
  const reading = { tokens: [{ token: 5, state: { of: "trunk", row: 2 } }], attend: "causal", keep: 0 } as const;
  const ofOneLayer = { keys: ROW, values: ROW };
  expect(await copiedBy(head, reading)).toEqual({ logits: VOCAB, hidden: HIDDEN, ...ofOneLayer });
  const states = session.beside(STATES);
  expect(await copiedBy(session, { ...text, states })).toEqual({ logits: 0, hidden: 3 * HIDDEN, ...rowsOf(3) });
  session.dispose();
});
