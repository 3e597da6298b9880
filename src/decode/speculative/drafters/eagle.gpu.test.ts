// A head that hands on the state it reads shows which state that is: its drafts are the token that the state has led to.
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { loadModel } from "../../../testing/load-model.js";
import { randomHead } from "../../../testing/random-head.js";
import type { WebGpuModel } from "../../../backend/webgpu/session/webgpu-model.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { fileDevice } from "../../../testing/file-device.js";

/** "a". */
const REPEATED = 261;

const gpu = await fileDevice();
let target: WebGpuModel;
let promptIds: number[];

beforeAll(async () => {
  const source = fileSource("public/models/stories260k");
  const config = (await source.json("config.json")) as Record<string, unknown>;
  const own = (name: string, shape: readonly number[]) => {
    const [numRows, numColumns = 1] = shape;
    if (name === "fc.weight") {
      return Float32Array.from({ length: numRows * numColumns }, (_, i) => {
        return i % numColumns === numRows + Math.floor(i / numColumns) ? 1 : 0;
      });
    }
    return /bias|o_proj|down_proj/.test(name) ? new Float32Array(numRows * numColumns) : null;
  };
  const head = randomHead(config, 1, { own }).source;
  const loaded = await loadModel(gpu, source, { head });
  target = loaded.model;
  promptIds = loaded.tokenizer.promptIds("Once upon a time, there was a little girl named Lily. ".repeat(20));
});
afterAll(() => {
  target.dispose();
});

it("reads the states of what was accepted, in a prompt of several pieces and behind it", {
  timeout: 600_000,
}, async () => {
  expect(promptIds.length).toBeGreaterThan(256);
  // This token is written several times in a row at places: some drafts are accepted, and then several states are read at once.
  const options = { max_new_tokens: 40, temperature: 0, logit_bias: { [REPEATED]: 7 } };
  const run = { models: { target }, promptIds, options: { ...options, drafter: "eagle" } };
  const { events, done } = await rehearse({ ...run, decoder: speculative });
  const plain = await rehearse({ ...run, decoder: autoregressive, options });
  expect(done.ids).toEqual(plain.done.ids);
  let last = -1;
  let numDrafts = 0;
  for (const { edits } of stepsOf(events)) {
    for (const edit of edits) {
      if (edit.op !== "insert") continue;
      if (edit.state === "draft") {
        // The likeliest token behind the last state is the one that was written there; the prompt was written by others.
        if (last >= 0) expect(edit.token).toBe(last);
        numDrafts++;
      } else last = edit.token as number;
    }
  }
  expect(numDrafts).toBeGreaterThan(100);
  expect(done.metrics.proposed).toBe(numDrafts);
  expect(done.metrics.accepted).toBeGreaterThan(4);
  expect(done.metrics.accepted).toBeLessThan(numDrafts);
});
