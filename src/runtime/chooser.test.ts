import { expect, it } from "vitest";
import type { DeviceName } from "../vocabulary/device.js";
import { graphOf } from "./graph-of.js";
import { memorySource } from "../format/source.js";
import { InvalidOptionError, ModelLoadError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import { Chooser, type ChoicePlace } from "./chooser.js";
import type { ModelRef } from "./model-ref.js";
import type { OnDevice } from "./on-device.js";

interface Machine {
  adapter?: { description: string; isSoftware: boolean } | UnsupportedDeviceError;
  ms?: Partial<Record<DeviceName, number>>;
  errors?: Partial<Record<DeviceName, number>>;
  /** Errors of making a device, or of loading on it. */
  missing?: Partial<Record<DeviceName, Error>>;
  broken?: Partial<Record<DeviceName, Error>>;
  store?: Map<string, unknown>;
  browser?: string;
  others?: DeviceName[];
  /** Of each model's folder; left out: tensors. */
  files?: string[];
  isTimedLater?: boolean;
  alone?: ChoicePlace["alone"];
}

const SOFTWARE = { description: "SwiftShader", isSoftware: true };
const GPU = { description: "Radeon", isSoftware: false };

/** A machine on which nothing is real but the chooser; `log` has what it did, in order. */
function machine({ adapter = SOFTWARE, ms = {}, errors = {}, missing = {}, broken = {}, ...rest }: Machine = {}) {
  const { store = new Map<string, unknown>(), browser = "Chromium 130", others = ["wasm"] } = rest;
  const { files = ["model.safetensors"], isTimedLater = false, alone = (work) => work() } = rest;
  const log: string[] = [];
  const held: Record<string, number> = {};
  const on = async (name: DeviceName) => {
    if (missing[name]) throw missing[name];
    const runtime = {
      async load(_ref: ModelRef, { signal }: { signal?: AbortSignal } = {}) {
        signal?.throwIfAborted();
        log.push(`load ${name}`);
        if (broken[name]) throw broken[name];
        held[name] = (held[name] ?? 0) + 1;
      },
      release: () => {
        held[name]--;
      },
    };
    const trial = {
      async largestError() {
        log.push(`check ${name}`);
        return errors[name] ?? 1e-6;
      },
      async forwardMs() {
        log.push(`time ${name}`);
        if (!held[name]) throw new Error("It was disposed of.");
        return ms[name] ?? 1;
      },
    };
    return { runtime, trial } as unknown as OnDevice;
  };
  const place: ChoicePlace = {
    others,
    onlyWebGpu: ({ tune }) => (tune ? "tune" : null),
    async adapter() {
      log.push("adapter");
      if (adapter instanceof Error) throw adapter;
      return adapter;
    },
    async size({ url }) {
      // As for a family that isn't known.
      if (!files.includes("model.safetensors")) throw new ModelLoadError("model_type can't be so.");
      return { name: url, shape: url, byteLength: 1e6 };
    },
    graph: (ref) => graphOf(memorySource(new Map(files.map((name) => [name, ""]))), ref),
    idle: isTimedLater ? async () => {} : undefined,
    machine: browser,
    alone,
    tell: (work) => log.push(work),
    store: { get: async (key) => store.get(key), set: async (key, value) => void store.set(key, value) },
  };
  return { chooser: new Chooser(place, on), log, held, store };
}

const choose = async ({ chooser }: { chooser: Chooser }, ref: ModelRef = { url: "story" }) => {
  const choice = await chooser.choose(ref, {});
  choice.settle();
  await Promise.resolve();
  return choice;
};

it("on a software adapter both devices are timed, the faster is checked, and what was loaded is given back", async () => {
  const own = machine({ ms: { webgpu: 9, wasm: 2 } });
  expect(await choose(own)).toMatchObject({ name: "wasm", why: expect.stringMatching(/2\.0 ms on wasm and 9\.0 ms/) });
  const said = (name: string) =>
    `Trying story on ${name}: WebGPU is the CPU's here, so the faster device is found out, once for this model.`;
  expect(own.log).toEqual([
    ...["adapter", said("wasm"), "load wasm", "time wasm", said("webgpu"), "load webgpu", "time webgpu", "time wasm"],
    "check wasm",
  ]);
  expect(own.held).toEqual({ wasm: 0, webgpu: 0 });
});

it("the next model of the process follows without asking anything again", async () => {
  const own = machine({ ms: { webgpu: 9, wasm: 2 } });
  await Promise.all([choose(own), choose(own, { url: "draft" })]);
  expect(await choose(own, { url: "diffusion" })).toMatchObject({ name: "wasm" });
  expect(own.log.filter((line) => /time|check/.test(line))).toEqual([
    "time wasm",
    "time webgpu",
    "time wasm",
    "check wasm",
  ]);
});

it("what was timed is remembered for this model, and forgotten with the adapter, the browser or the version", async () => {
  const first = machine({ ms: { webgpu: 9, wasm: 2 } });
  await choose(first);
  const { store } = first;
  const again = machine({ store });
  expect(await choose(again)).toMatchObject({ name: "wasm", why: expect.stringMatching(/of story takes 2\.0 ms/) });
  expect(again.log).toEqual(["adapter", "load wasm", "check wasm"]);
  const others: [Machine, string][] = [
    [{ store, adapter: { description: "llvmpipe", isSoftware: true } }, "story"],
    [{ store, browser: "Chromium 131" }, "story"],
    [{ store }, "another"],
  ];
  for (const [other, url] of others) {
    const changed = machine({ ...other, store: new Map(store) });
    await choose(changed, { url });
    expect(changed.log).toContain("time webgpu");
  }
});

it.each<[string, (models: Record<string, unknown>) => unknown]>([
  ["no models", () => null],
  ["a list", () => []],
  ["a model that is no record", () => ({ story: 7 })],
  ["no model", () => ({ story: null })],
  ["times of one device alone", () => ({ story: { wasm: 2 } })],
  ["times that are texts", () => ({ story: { webgpu: "9", wasm: "2" } })],
  ["times below zero", () => ({ story: { webgpu: 9, wasm: -2 } })],
])("what was remembered is timed again where the record has %s", async (_title, spoil) => {
  const first = machine({ ms: { webgpu: 9, wasm: 2 } });
  await choose(first);
  const { store } = first;
  for (const [key, value] of store) {
    const record = value as { models: Record<string, unknown> };
    store.set(key, { ...record, models: spoil(record.models) });
  }
  const again = machine({ store, ms: { webgpu: 9, wasm: 3 } });
  expect(await choose(again)).toMatchObject({
    name: "wasm",
    why: expect.stringMatching(/3\.0 ms on wasm and 9\.0 ms/),
  });
});

/** One after the other, as processes that share it. */
function inTurn(): ChoicePlace["alone"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

it("of two processes that would time at once one does, and the other takes what that has found", async () => {
  const shared = { store: new Map<string, unknown>(), alone: inTurn() };
  const first = machine({ ...shared, ms: { webgpu: 9, wasm: 2 } });
  const second = machine({ ...shared, ms: { webgpu: 1, wasm: 2 } });
  const [own, other] = await Promise.all([choose(first), choose(second)]);
  expect(own).toMatchObject({ name: "wasm", why: expect.stringMatching(/2\.0 ms on wasm and 9\.0 ms on webgpu/) });
  expect([other.name, other.why]).toEqual([own.name, own.why]);
  expect(second.log).toEqual(["adapter", "load wasm", "check wasm"]);
  // So do pages, which time behind their first text.
  const pages = { store: new Map<string, unknown>(), alone: inTurn() };
  const [one, two] = [later(pages), later(pages)];
  for (const { chooser } of [one, two]) await chooser.choose({ url: "story" }, {});
  await Promise.all([one, two].map(({ chooser }) => chooser.timeLater(going())));
  const timed = [one, two].map(({ log }) => log.filter((line) => line.startsWith("time")));
  expect(timed).toEqual([["time wasm", "time webgpu", "time wasm"], []]);
});

it("what slows the machine while one device is timed isn't taken for that device's own", async () => {
  for (const isTimedLater of [false, true]) {
    const times = [20, 2];
    const own = machine({
      isTimedLater,
      ms: {
        webgpu: 9,
        get wasm() {
          return times.shift();
        },
      },
    });
    await own.chooser.choose({ url: "story" }, {});
    await own.chooser.timeLater(new AbortController().signal);
    expect([...own.store.values()]).toMatchObject([{ models: { story: { webgpu: 9, wasm: 2 } } }]);
  }
});

it("a process that is stopped while it times times nothing more and remembers nothing", async () => {
  const abort = new AbortController();
  const { chooser, log, store, held } = machine({
    alone: (work, signal) => {
      expect(signal).toBe(abort.signal);
      return work();
    },
    ms: {
      get wasm() {
        abort.abort();
        return 2;
      },
    },
  });
  await expect(chooser.choose({ url: "story" }, { signal: abort.signal })).rejects.toThrow("aborted");
  await Promise.resolve();
  expect([log.includes("time wasm"), log.includes("load webgpu"), store.size, held.wasm]).toEqual([true, false, 0, 0]);
});

it("a real GPU is checked beside the load of the model, whose copy stays", async () => {
  const own = machine({ adapter: GPU });
  const choice = await own.chooser.choose({ url: "story" }, {});
  expect(choice.name).toBe("webgpu");
  expect(own.log).toEqual(["adapter", "load webgpu", "check webgpu"]);
  expect(own.held).toEqual({ webgpu: 1 });
});

it("a real GPU with wrong numbers is left, with its copy of the model", async () => {
  const own = machine({ adapter: GPU, errors: { webgpu: 0.31 } });
  const { name, why } = await choose(own);
  expect([name, why]).toEqual(["wasm", expect.stringMatching(/Radeon: the self-check is off by 0\.31/)]);
  expect(own.held).toEqual({ webgpu: 0, wasm: 0 });
});

it("a device that can't be had is passed over for good, one that refuses a model for that model alone", async () => {
  const others: DeviceName[] = ["node", "wasm"];
  const none = new UnsupportedDeviceError(
    "This browser has no WebGPU: navigator.gpu is missing (needs https). Use another.",
  );
  const gone = machine({ adapter: none, others, missing: { node: new UnsupportedDeviceError("Not installed.") } });
  expect(await choose(gone)).toMatchObject({
    name: "wasm",
    why: expect.stringMatching(/navigator\.gpu is missing\): wasm/),
  });
  const picky = machine({ ms: { webgpu: 9 }, broken: { wasm: new InvalidOptionError("weights can't be so.") } });
  expect(await choose(picky)).toMatchObject({ name: "webgpu", why: expect.stringMatching(/weights can't be so/) });
});

it("what is wrong with the model itself is thrown as it is, and the next call asks anew", async () => {
  const broken: Machine["broken"] = { wasm: new ModelLoadError("config.json is missing") };
  const own = machine({ broken });
  await expect(choose(own)).rejects.toThrow("config.json is missing");
  delete broken.wasm;
  expect(await choose(own)).toMatchObject({ name: "wasm" });
});

it("where there is no device the error says what was tried", async () => {
  const adapter = new UnsupportedDeviceError("No WebGPU here.");
  const missing: Machine["missing"] = { wasm: new UnsupportedDeviceError("onnx.js can't be loaded.") };
  const own = machine({ adapter, missing });
  await expect(choose(own)).rejects.toThrow(/webgpu \(No WebGPU here\), wasm \(onnx\.js can't be loaded\)/);
  await expect(choose(own)).rejects.toThrow(UnsupportedDeviceError);
  // What couldn't be fetched is asked for again.
  delete missing.wasm;
  expect(await choose(own)).toMatchObject({ name: "wasm" });
});

it("what WebGPU alone has is asked of it without a look at the adapter, and the next model has its own choice", async () => {
  const own = machine({ ms: { webgpu: 9, wasm: 2 } });
  expect(await choose(own, { url: "story", tune: true })).toMatchObject({
    name: "webgpu",
    why: "Only webgpu has tune.",
  });
  expect(own.log).toEqual([]);
  expect(await choose(own)).toMatchObject({ name: "wasm" });
});

const later = (extra: Machine = {}) => machine({ ms: { webgpu: 2, wasm: 9 }, isTimedLater: true, ...extra });
const going = () => new AbortController().signal;

it("where devices are timed later the first text waits for the check alone, and the next visit knows", async () => {
  const own = later();
  const choice = await own.chooser.choose({ url: "story" }, {});
  expect(choice).toMatchObject({ name: "wasm", why: expect.stringMatching(/both are timed behind the first text/) });
  expect(own.log).toEqual(["adapter", "load wasm", "check wasm"]);
  await own.chooser.timeLater(going());
  expect(own.log.slice(3)).toEqual(["time wasm", "load webgpu", "time webgpu", "time wasm"]);
  expect(own.held).toEqual({ wasm: 1, webgpu: 0 });
  // Models of one visit stay together, and nothing is timed again.
  expect(await choose(own, { url: "story", context: 9 })).toMatchObject({ name: "wasm" });
  await own.chooser.timeLater(going());
  expect(own.log.filter((line) => line.startsWith("time"))).toEqual(["time wasm", "time webgpu", "time wasm"]);
  const next = later({ store: own.store });
  expect(await choose(next)).toMatchObject({
    name: "webgpu",
    why: expect.stringMatching(/2\.0 ms on webgpu and 9\.0 ms/),
  });
  await next.chooser.timeLater(going());
  expect(next.log).toEqual(["adapter", "load webgpu", "check webgpu"]);
});

it("timing that is stopped gives back what it has loaded, remembers nothing and is begun anew", async () => {
  const own = later();
  await own.chooser.choose({ url: "story" }, {});
  const abort = new AbortController();
  const stopped = own.chooser.timeLater(abort.signal);
  abort.abort();
  await stopped;
  expect(own.store.size).toBe(0);
  expect(own.held).toEqual({ wasm: 1 });
  await own.chooser.timeLater(going());
  expect(own.store.size).toBe(1);
});

it("a device that fails behind the first text costs nothing more, nor does a model that was given back", async () => {
  const failing = later({ missing: { webgpu: new UnsupportedDeviceError("gone") } });
  await failing.chooser.choose({ url: "story" }, {});
  const given = later();
  await choose(given);
  for (const { chooser, store, log } of [failing, given]) {
    await chooser.timeLater(going());
    const before = [...log];
    await chooser.timeLater(going());
    expect(log).toEqual(before);
    expect(store.size).toBe(0);
  }
  expect(given.log).not.toContain("load webgpu");
});

it("a model that the untimed device refuses is on WebGPU, timed or not", async () => {
  const picky = later({ broken: { wasm: new InvalidOptionError("weights can't be so.") } });
  expect(await choose(picky)).toMatchObject({ name: "webgpu", why: expect.stringMatching(/weights can't be so/) });
});

it("a folder of ONNX graphs alone, or one whose graph is named, runs where graphs run: on any adapter, of any family", async () => {
  const others: DeviceName[] = ["node", "wasm"];
  const missing = { node: new UnsupportedDeviceError("Not installed.") };
  for (const adapter of [GPU, SOFTWARE, new UnsupportedDeviceError("No WebGPU.")]) {
    for (const isTimedLater of [false, true]) {
      const alone = machine({ adapter, files: ["onnx/model_quantized.onnx"], isTimedLater });
      const why = expect.stringMatching(/\(onnx\/model_quantized\.onnx\)/);
      expect(await choose(alone)).toMatchObject({ name: "wasm", why });
      expect(alone.log).toEqual(["adapter", "load wasm", "check wasm"]);
    }
    const both = { adapter, files: ["model.safetensors", "onnx/model_q4.onnx"] };
    expect(await choose(machine({ ...both, others }), { url: "story", dtype: "q4" })).toMatchObject({ name: "node" });
    const without = machine({ ...both, others, missing });
    expect(await choose(without, { url: "story", dtype: "q4" })).toMatchObject({ name: "wasm" });
  }
  const tensors = machine({ adapter: GPU, files: ["model.safetensors", "onnx/model.onnx"] });
  expect(await choose(tensors)).toMatchObject({ name: "webgpu" });
});

it("a graph that a folder lacks is refused by name, and asked for anew", async () => {
  const files = ["onnx/model.onnx"];
  const own = machine({ adapter: GPU, files });
  await expect(choose(own, { url: "story", dtype: "q4" })).rejects.toThrow(/no ONNX file of dtype q4/);
  await expect(choose(own, { url: "story", dtype: "q5" })).rejects.toThrow(/dtype can't be "q5"/);
  files.push("onnx/model_q4.onnx");
  expect(await choose(own, { url: "story", dtype: "q4" })).toMatchObject({ name: "wasm" });
});
