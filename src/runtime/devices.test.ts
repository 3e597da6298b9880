import { expect, it, vi } from "vitest";
import type { DeviceName } from "../vocabulary/device.js";
import { InvalidOptionError, ModelLoadError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { ChoicePlace } from "./chooser.js";
import { Devices } from "./devices.js";
import type { Job, PlanRequest, RunPlan } from "./job.js";
import type { ModelRef } from "./model-ref.js";
import type { OnDevice } from "./on-device.js";

/** A runtime that keeps what it was asked to load, and whose runs are a `start` and a `done`. */
function fakeRuntime(name: DeviceName) {
  const held: ModelRef[] = [];
  return {
    held,
    adapter: async () => ({
      vendor: "v",
      architecture: name,
      description: `chip of ${name}`,
      isSoftware: name === "wasm",
    }),
    async load(ref: ModelRef) {
      held.push(ref);
      return { ref, url: ref.url, name: ref.url };
    },
    release: (ref: ModelRef) =>
      void held.splice(
        held.findIndex(({ url }) => url === ref.url),
        1,
      ),
    capabilities: async () => ({ vocabSize: name.length }),
    plan: async (request: PlanRequest, capabilities: (ref: ModelRef) => Promise<object>) =>
      ({ values: await Promise.all(Object.values(request.models).map(capabilities)) }) as unknown as RunPlan,
    async run(_job: Job, emit: (event: GenerationEvent) => void) {
      emit({ type: "start", seq: 0 } as GenerationEvent);
      return { type: "done" } as DoneEvent;
    },
    get stats() {
      return {
        devices: held.length > 0 ? 1 : 0,
        models: held.length,
        sessions: 0,
        runs: 0,
        gpuBytes: 10 * held.length,
      };
    },
  };
}

function fakeDevices(names: readonly DeviceName[] = ["webgpu", "wasm"], choice?: ChoicePlace) {
  const runtimes: Partial<Record<DeviceName, ReturnType<typeof fakeRuntime>>> = {};
  const make = vi.fn(async (name: DeviceName) => {
    const runtime = fakeRuntime(name);
    runtimes[name] = runtime;
    const trial = { largestError: async () => 0, forwardMs: async () => 1 };
    return { runtime, trial } as unknown as OnDevice;
  });
  return { devices: new Devices({ names, make, choice }), runtimes, make };
}

const job = (model: ModelRef, draft?: ModelRef): Job => ({ model, draft, decoder: "", prompt: "", options: {} });

it("each device has a runtime, made when a model first asks for it, and a model says where it is and why", async () => {
  const { devices, make, runtimes } = fakeDevices();
  const { device } = await devices.load({ url: "a", device: "wasm" });
  expect(device).toEqual({ name: "wasm", description: "chip of wasm", isSoftware: true, why: "It was asked for." });
  expect(make.mock.calls).toEqual([["wasm"]]);
  await devices.load({ url: "b", device: "webgpu" });
  await devices.load({ url: "c", device: "wasm" });
  expect(make.mock.calls).toEqual([["wasm"], ["webgpu"]]);
  expect(devices.stats).toEqual({ devices: 2, models: 3, sessions: 0, runs: 0, gpuBytes: 30 });
  await devices.release({ url: "a", device: "wasm" });
  expect(runtimes.wasm?.held).toEqual([{ url: "c" }]);
});

it("a model's ref stays the caller's, and its runtime knows one copy whether its device was asked for or chosen", async () => {
  const { devices, runtimes } = fakeDevices();
  const ref = { url: "a", device: "webgpu", context: 9 };
  expect((await devices.load(ref)).ref).toBe(ref);
  await devices.load({ url: "a", context: 9 });
  await devices.load({ url: "a", context: 9, device: "auto" });
  expect(runtimes.webgpu?.held).toEqual(Array(3).fill({ url: "a", context: 9 }));
});

it("a run's start says where it runs, and why there", async () => {
  const { devices } = fakeDevices();
  const events: GenerationEvent[] = [];
  await devices.run(job({ url: "a", device: "wasm" }), (event) => events.push(event), new AbortController().signal);
  expect(events).toMatchObject([{ type: "start", device: { name: "wasm", why: "It was asked for." } }]);
});

it("models of one run that are on two devices are refused by name", async () => {
  const { devices } = fakeDevices();
  const mixed = job({ url: "a", device: "wasm" }, { url: "b", device: "webgpu" });
  const refusal = /model runs on device wasm and its draft on webgpu/;
  await expect(devices.run(mixed, () => {}, new AbortController().signal)).rejects.toThrow(refusal);
  await expect(devices.check(mixed)).rejects.toThrow(InvalidOptionError);
});

it("a plan asks each model's own device what it can do", async () => {
  const { devices } = fakeDevices();
  const models = { a: { url: "a", device: "wasm" }, b: { url: "b", device: "webgpu" } };
  const { values } = await devices.plan({ models } as unknown as PlanRequest);
  expect(values).toEqual([{ vocabSize: 4 }, { vocabSize: 6 }]);
});

it("a device that there isn't is refused by name, with those that there are", async () => {
  const { devices, make } = fakeDevices();
  const empty = devices.load({ url: "a", device: "" });
  await expect(empty).rejects.toThrow("device can't be empty here: give one of auto, webgpu, wasm.");
  for (const name of ["cuda", "WASM", "node", "__proto__"]) {
    const loading = devices.load({ url: "a", device: name });
    await expect(loading).rejects.toThrow(
      `device can't be ${JSON.stringify(name)} here: give one of auto, webgpu, wasm.`,
    );
    await expect(loading).rejects.toThrow(InvalidOptionError);
  }
  expect(make).not.toHaveBeenCalled();
});

it("a runtime that couldn't be had is asked for again", async () => {
  const { devices, make } = fakeDevices();
  make.mockRejectedValueOnce(new UnsupportedDeviceError("no file"));
  await expect(devices.load({ url: "a", device: "wasm" })).rejects.toThrow("no file");
  expect((await devices.load({ url: "a", device: "wasm" })).device.name).toBe("wasm");
});

it("a draft that left the choice is loaded where its target is, until it is given back", async () => {
  const { devices, runtimes } = fakeDevices();
  const draft = { url: "draft" };
  await devices.load({ url: "a", device: "wasm" });
  await devices.load(draft);
  expect(runtimes.webgpu?.held).toEqual([draft]);
  for (let i = 0; i < 2; i++) {
    await devices.run(job({ url: "a", device: "wasm" }, draft), () => {}, new AbortController().signal);
  }
  expect(runtimes.wasm?.held).toEqual([{ url: "a" }, draft]);
  await devices.release(draft);
  expect(runtimes.wasm?.held).toEqual([{ url: "a" }]);
  expect(runtimes.webgpu?.held).toEqual([]);
});

it("a page's own usual device holds for models that don't name one", async () => {
  const { devices } = fakeDevices();
  devices.usual = "wasm";
  expect((await devices.load({ url: "a" })).device).toMatchObject({ name: "wasm", why: "It was asked for." });
  expect((await devices.load({ url: "a", device: "webgpu" })).device.name).toBe("webgpu");
});

/** A place whose models are tensors, but for those whose address says otherwise. */
const placeOf = (more: Partial<ChoicePlace> = {}): ChoicePlace => ({
  others: ["wasm"],
  onlyWebGpu: () => null,
  adapter: async () => ({ description: "Radeon", isSoftware: false }),
  size: async ({ url }) => ({ name: url, shape: url, byteLength: 1 }),
  graph: async ({ url }) => (url.startsWith("graph") ? "onnx/model.onnx" : null),
  machine: "",
  alone: (work) => work(),
  store: { get: async () => null, set: async () => {} },
  ...more,
});

it("a folder of graphs is read where graphs run before a device is chosen for it", async () => {
  const { devices, make } = fakeDevices(undefined, placeOf());
  expect((await devices.of({ url: "graph" })).name).toBe("wasm");
  expect((await devices.of({ url: "tensors" })).name).toBe("webgpu");
  expect((await devices.of({ url: "graph", device: "webgpu" })).name).toBe("webgpu");
  expect(make.mock.calls).toEqual([["wasm"], ["webgpu"]]);
});

/** Of a run of these models: the device that its start says. */
async function startOf(devices: Devices, model: ModelRef, draft: ModelRef) {
  const events: GenerationEvent[] = [];
  await devices.run(job(model, draft), (event) => events.push(event), new AbortController().signal);
  return (events[0] as { device?: object }).device;
}

it("a model that left the choice runs where its draft can, which is a graph, and says so; a copy stays where it was", async () => {
  const { devices, runtimes } = fakeDevices(undefined, placeOf());
  const [model, draft] = [{ url: "tensors" }, { url: "graph" }];
  await devices.load(model);
  await devices.load(draft);
  const why = "Its draft's weights are an ONNX graph, which WebGPU doesn't run: both run on wasm.";
  for (let i = 0; i < 2; i++) expect(await startOf(devices, model, draft)).toMatchObject({ name: "wasm", why });
  expect(runtimes.webgpu?.held).toEqual([model]);
  expect(runtimes.wasm?.held).toEqual([draft, model]);
  expect(await startOf(devices, model, { url: "tensors2" })).toMatchObject({ name: "webgpu" });
  await devices.release(model);
  await devices.release(draft);
  expect([runtimes.webgpu?.held, runtimes.wasm?.held]).toEqual([[], []]);
});

it("a model that is told its draft before its load is loaded once, where both can run", async () => {
  const { devices, runtimes, make } = fakeDevices(undefined, placeOf());
  const [model, draft] = [{ url: "tensors" }, { url: "graph" }];
  await devices.load(model, { draft });
  await devices.load(draft);
  expect(await startOf(devices, model, draft)).toMatchObject({ name: "wasm" });
  expect(make.mock.calls).toEqual([["wasm"]]);
  await devices.release(model);
  await devices.release(draft);
  expect(runtimes.wasm?.held).toEqual([]);
});

it("a model that left the choice runs where its draft was asked for, unless it can't", async () => {
  const { devices } = fakeDevices(undefined, placeOf());
  const there = { url: "draft", device: "wasm" };
  expect(await startOf(devices, { url: "tensors" }, there)).toMatchObject({
    name: "wasm",
    why: "Its draft was asked for on wasm: both run there.",
  });
  const mixed = devices.check(job({ url: "graph" }, { url: "draft", device: "webgpu" }));
  await expect(mixed).rejects.toThrow("The model runs on device wasm and its draft on webgpu");
  const tuned = fakeDevices(undefined, placeOf({ onlyWebGpu: ({ tune }) => (tune ? "tune" : null) })).devices;
  await expect(tuned.check(job({ url: "tensors", tune: true }, there))).rejects.toThrow(
    "The model runs on device webgpu and its draft on wasm",
  );
});

it("a draft that the device which its target was asked for can't have is refused with both names and what to do", async () => {
  const { devices, runtimes } = fakeDevices(undefined, placeOf());
  const draft = { url: "graph" };
  const model = { url: "tensors", device: "webgpu" };
  await devices.load(model);
  expect((await devices.load(draft)).device.name).toBe("wasm");
  if (runtimes.webgpu) {
    runtimes.webgpu.load = async () => {
      throw new ModelLoadError("graph has its weights in an ONNX graph: take wasm.", "unsupported_graph");
    };
  }
  const running = devices.run(job(model, draft), () => {}, new AbortController().signal);
  await expect(running).rejects.toThrow(/on device webgpu, which can't have its draft: graph .* take wasm\./);
  await expect(running).rejects.toThrow(InvalidOptionError);
  // The other way round it is loaded where its target is.
  await devices.run(job(draft, { url: "tensors" }), () => {}, new AbortController().signal);
  expect(runtimes.wasm?.held.map(({ url }) => url)).toEqual(["graph", "tensors"]);
});

it("devices are timed when the last run has ended and nothing is asked, and not beside the next", async () => {
  const own: Partial<ReturnType<typeof fakeDevices>> = {};
  const store = new Map<string, unknown>();
  const idles: (() => void)[] = [];
  const isKept = new Promise<void>((resolve) => {
    const place = placeOf({
      adapter: async () => ({ description: "SwiftShader", isSoftware: true }),
      store: {
        get: async (key) => store.get(key),
        async set(key, value) {
          store.set(key, value);
          resolve();
        },
      },
      idle: () => new Promise((go) => void idles.push(go)),
    });
    Object.assign(own, fakeDevices(undefined, place));
  });
  const { devices, runtimes } = own as ReturnType<typeof fakeDevices>;
  const ref = { url: "tensors" };
  const run = () => devices.run(job(ref), () => {}, new AbortController().signal);
  expect((await devices.load(ref)).device.name).toBe("wasm");
  expect(idles).toHaveLength(0);
  await Promise.all([run(), run()]);
  expect(idles).toHaveLength(1);
  // Asked again before the process was idle.
  await run();
  expect(idles).toHaveLength(2);
  idles[0]();
  await devices.load(ref);
  expect(store.size).toBe(0);
  await run();
  for (const go of idles) go();
  await isKept;
  expect(runtimes.webgpu?.held).toEqual([]);
  expect(runtimes.wasm?.held).toHaveLength(2);
});
