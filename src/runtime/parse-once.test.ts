import { expect, it, vi } from "vitest";
import { fileSource } from "../format/file-source.js";
import { hashedModels } from "../testing/rehearsal.js";
import { generateWith } from "./generation.js";
import type { Job } from "./job.js";
import { FolderParts } from "./parts.js";
import { WebGpuBackend } from "./webgpu.js";

/** A value of an option that counts how often it is read. */
class CountedMap extends Map<number, number> {
  numReads = 0;

  override [Symbol.iterator](): MapIterator<[number, number]> {
    this.numReads++;
    return super[Symbol.iterator]();
  }
}

/** A job whose costs are wanted: they must be measured between the plan and the run. */
function adaptiveJob(bias: CountedMap): Job {
  const model = { url: "public/models/stories260k" };
  const options = { numAssistantTokensSchedule: "adaptive", max_new_tokens: "5", logit_bias: bias };
  return { model, draft: model, decoder: "speculative", prompt: [1, 2, 3], options };
}

/** Runs a job on mocks; how often something was measured for it. */
async function run(job: Job): Promise<number> {
  const { target, draft } = hashedModels("causal");
  const part = ({ name, capabilities, session }: typeof target) => ({
    name,
    capabilities,
    session: session(),
    tokenizer: null,
  });
  const measure = vi.fn(async () => ({ forwardCosts: { 1: 1, 2: 1.2 }, draftCost: 0.2, waitCost: 0.1 }));
  const done = await generateWith({ job, target: part(target), draft: part(draft), measure }, () => {});
  expect(done.ids).toHaveLength(5);
  return measure.mock.calls.length;
}

it("a run reads its options once, whether its costs must be measured or not", async () => {
  const bias = new CountedMap([[5, 0.5]]);
  expect(await run(adaptiveJob(bias))).toBe(1);
  expect(bias.numReads).toBe(1);
  expect(await run({ ...adaptiveJob(bias), options: { max_new_tokens: 5, logit_bias: bias } })).toBe(0);
  expect(bias.numReads).toBe(2);
});

it("a run that was checked before its device was opened reads them no second time", async () => {
  const backend = new WebGpuBackend({
    openDevice: () => Promise.reject(new Error("no device is opened for a check")),
    source: fileSource,
    tuning: () => Promise.reject(new Error("no kernels are chosen for a check")),
    needsTokenizer: false,
    standIns: false,
  });
  const parts = new FolderParts(backend);
  const bias = new CountedMap([[5, 0.5]]);
  const job = adaptiveJob(bias);
  const parsed = await parts.check(job);
  expect(parsed).toMatchObject({
    num_assistant_tokens_schedule: "adaptive",
    max_new_tokens: 5,
    logit_bias: { 5: 0.5 },
  });
  expect(await run({ ...job, parsed })).toBe(1);
  expect(bias.numReads).toBe(1);
});
