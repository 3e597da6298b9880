import { expect, it } from "vitest";
import type { DeviceName } from "../vocabulary/device.js";
import { chooseDevice, type KnownDevices, MOST_TIMED_BYTES } from "./choose-device.js";

const GPU = { description: "Radeon", isSoftware: false };
const SOFTWARE = { description: "SwiftShader", isSoftware: true };
const NONE = { missing: "navigator.gpu is missing" };

/** Chooses on a machine whose devices are so, and lists what it asked on the way. */
function choose(
  adapter: KnownDevices["adapter"],
  machine: { ms?: Partial<Record<DeviceName, number>>; errors?: Partial<Record<DeviceName, number>> } = {},
  known: Partial<KnownDevices> = {},
) {
  const { ms = {}, errors = {} } = machine;
  const now: KnownDevices = {
    adapter,
    ...{
      others: ["wasm"],
      onlyWebGpu: null,
      graph: null,
      isTimedLater: false,
      modelBytes: 1e7,
      errors: {},
      failures: {},
      forwardMs: {},
      timed: "story",
    },
    ...known,
  };
  const asked: string[] = [];
  for (;;) {
    const step = chooseDevice(now);
    if ("take" in step) return { ...step, asked };
    if ("none" in step) return { ...step, asked };
    if ("check" in step) {
      asked.push(`check ${step.check}`);
      now.errors = { ...now.errors, [step.check]: errors[step.check] ?? 2e-6 };
    } else {
      asked.push(`time ${step.time}`);
      now.forwardMs = { ...now.forwardMs, [step.time]: ms[step.time] ?? Number.NaN };
    }
  }
}

it("a real GPU whose numbers are right is taken, and nothing is timed", () => {
  expect(choose(GPU)).toEqual({
    take: "webgpu",
    why: "WebGPU has a GPU here (Radeon), and its numbers are right to 0.000002.",
    asked: ["check webgpu"],
  });
});

it("a real GPU whose numbers are wrong is named with its error, and the next that is right is taken", () => {
  const { asked, ...choice } = choose(GPU, { errors: { webgpu: 0.31 } });
  expect(asked).toEqual(["check webgpu", "check wasm"]);
  expect(choice).toEqual({
    take: "wasm",
    why: "WebGPU's numbers are wrong here (Radeon: the self-check is off by 0.31): wasm is the next best.",
  });
  expect(choose(GPU, { errors: { webgpu: Number.NaN } })).toMatchObject({ take: "wasm" });
  expect(choose(GPU, { errors: { webgpu: Number.POSITIVE_INFINITY } })).toMatchObject({ take: "wasm" });
});

it("where WebGPU is missing the first other device that is right is taken", () => {
  expect(choose(NONE)).toMatchObject({
    take: "wasm",
    why: "WebGPU can't be had here (navigator.gpu is missing): wasm is the next best.",
    asked: ["check wasm"],
  });
  expect(choose(NONE, {}, { others: ["node", "wasm"] })).toMatchObject({ take: "node" });
  expect(choose(NONE, { errors: { node: 1 } }, { others: ["node", "wasm"] })).toMatchObject({ take: "wasm" });
  const failures = { node: "not installed" };
  expect(choose(NONE, {}, { others: ["node", "wasm"], failures })).toMatchObject({ take: "wasm" });
});

it("a software adapter and the other device are timed, and the faster one is checked and taken", () => {
  const slow = choose(SOFTWARE, { ms: { webgpu: 9.14, wasm: 2.21 } });
  expect(slow).toEqual({
    take: "wasm",
    why: "WebGPU is the CPU's here (SwiftShader), and a forward of story takes 2.2 ms on wasm and 9.1 ms on webgpu.",
    asked: ["time wasm", "time webgpu", "check wasm"],
  });
  const fast = choose(SOFTWARE, { ms: { webgpu: 1.04, wasm: 2.21 } });
  expect(fast).toMatchObject({ take: "webgpu", asked: ["time wasm", "time webgpu", "check webgpu"] });
  expect(fast).toMatchObject({ why: expect.stringMatching(/1\.0 ms on webgpu and 2\.2 ms on wasm\.$/) });
});

it("the faster one is left where its numbers are wrong", () => {
  const ms = { webgpu: 1, wasm: 2 };
  expect(choose(SOFTWARE, { ms, errors: { webgpu: 0.5 } })).toMatchObject({ take: "wasm" });
  expect(choose(SOFTWARE, { ms: { webgpu: 2, wasm: 1 }, errors: { wasm: 0.5 } })).toMatchObject({ take: "webgpu" });
  const both = choose(SOFTWARE, { ms, errors: { webgpu: 0.5, wasm: 0.25 } });
  expect(both).toMatchObject({ none: expect.stringMatching(/webgpu .*off by 0\.50.*wasm .*off by 0\.25/) });
});

it("what was timed before is not timed again", () => {
  const forwardMs = { webgpu: 9, wasm: 2 };
  expect(choose(SOFTWARE, {}, { forwardMs })).toMatchObject({ take: "wasm", asked: ["check wasm"] });
  expect(choose(SOFTWARE, {}, { forwardMs, errors: { wasm: 0 } })).toMatchObject({ take: "wasm", asked: [] });
});

it("where nothing is timed before the first text the other device is checked and taken for now, and says so", () => {
  const isTimedLater = true;
  expect(choose(SOFTWARE, {}, { isTimedLater })).toEqual({
    take: "wasm",
    why: "WebGPU is the CPU's here (SwiftShader): wasm is taken for this visit, and both are timed behind the first text, for the next.",
    isUntimed: true,
    asked: ["check wasm"],
  });
  const forwardMs = { webgpu: 1, wasm: 2 };
  const remembered = choose(SOFTWARE, {}, { isTimedLater, forwardMs });
  expect(remembered).toMatchObject({ take: "webgpu", why: expect.stringMatching(/1\.0 ms on webgpu/) });
  expect(remembered).not.toHaveProperty("isUntimed");
  // Its numbers come first, and where the choice needs no times none are asked for.
  expect(choose(SOFTWARE, { errors: { wasm: 0.5 } }, { isTimedLater })).toMatchObject({ take: "webgpu" });
  for (const adapter of [GPU, NONE]) {
    expect(choose(adapter, {}, { isTimedLater })).toEqual(choose(adapter));
  }
  const modelBytes = MOST_TIMED_BYTES + 1;
  expect(choose(SOFTWARE, {}, { isTimedLater, modelBytes })).toEqual(choose(SOFTWARE, {}, { modelBytes }));
});

it("a model whose weights are an ONNX graph has the first other device that is right, on whatever adapter", () => {
  const graph = "onnx/model_q4.onnx";
  for (const adapter of [GPU, SOFTWARE, NONE]) {
    expect(choose(adapter, {}, { graph })).toEqual({
      take: "wasm",
      why: `The model's weights are an ONNX graph (${graph}), which WebGPU doesn't run: wasm is the next best.`,
      asked: ["check wasm"],
    });
    const node = choose(adapter, {}, { graph, others: ["node", "wasm"] });
    expect(node).toMatchObject({ take: "node", asked: ["check node"] });
    const failures = { node: "not installed" };
    expect(choose(adapter, {}, { graph, others: ["node", "wasm"], failures })).toMatchObject({ take: "wasm" });
    expect(choose(adapter, {}, { graph, failures: { wasm: "onnx.js is missing" } })).toMatchObject({
      none: `No device runs ONNX graphs (${graph}) here: wasm (onnx.js is missing).`,
    });
  }
});

it("a large model is not loaded twice: the other device is taken untimed, and says so", () => {
  const large = choose(SOFTWARE, {}, { modelBytes: MOST_TIMED_BYTES + 1 });
  expect(large).toMatchObject({ take: "wasm", asked: ["check wasm"], why: expect.stringMatching(/model of 128 MiB/) });
  expect(choose(GPU, {}, { modelBytes: 1e10 })).toMatchObject({ take: "webgpu" });
});

it("a software adapter is taken where nothing else can be had, with why", () => {
  const failures = { wasm: "onnx.js is missing" };
  const alone = choose(SOFTWARE, {}, { failures });
  expect(alone).toMatchObject({ take: "webgpu", asked: ["check webgpu"] });
  expect(alone).toMatchObject({
    why: expect.stringMatching(/no other device can be had: wasm \(onnx\.js is missing\)\.$/),
  });
});

it("what WebGPU alone has is asked of it unchecked, wherever it runs", () => {
  const onlyWebGpu = "an adapter that is asked for by name";
  for (const adapter of [GPU, SOFTWARE, NONE]) {
    expect(choose(adapter, {}, { onlyWebGpu })).toEqual({
      take: "webgpu",
      why: `Only webgpu has ${onlyWebGpu}.`,
      asked: [],
    });
  }
});

it("where there is no device every reason is told", () => {
  const failures = { wasm: "onnx.js is missing" };
  expect(choose(NONE, {}, { failures })).toMatchObject({
    none: "No device runs models here: webgpu (navigator.gpu is missing), wasm (onnx.js is missing).",
  });
  expect(choose(GPU, {}, { failures: { ...failures, webgpu: "lost" } })).toMatchObject({
    none: "No device runs models here: wasm (onnx.js is missing), webgpu (lost).",
  });
});
