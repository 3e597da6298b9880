// Over 300 lines: one runtime whose devices are lost, at each place where that can happen.
import { afterEach, expect, it, vi } from "vitest";
import type { LiveEvent } from "../vocabulary/events.js";
import { DeviceLostError, InvalidOptionError, OutOfMemoryError } from "../vocabulary/errors.js";
import type { Decoder, Run } from "../decode/decoder.js";
import { plainSteps } from "../decode/plain-steps.js";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import { generate } from "../decode/engine/engine.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { verify } from "../seam/questions/verify.js";
import { hashedLaw } from "../testing/laws.js";
import { mockModel } from "../backend/host/mock.js";
import { LETTERS } from "../testing/rehearsal.js";
import type { Job } from "./job.js";
import { Losses, type Time } from "./losses.js";
import { Runtime, type RuntimeDevice, type RuntimeModel, type RuntimeParts } from "./runtime.js";

const MODEL = { url: "m" };
const JOB: Job = {
  model: MODEL,
  decoder: "autoregressive",
  prompt: [1, 2],
  options: { max_new_tokens: 12, temperature: 1 },
};

interface FakeDevice extends RuntimeDevice {
  isLost: boolean;
  lose(reason: string): void;
}

/** A runtime whose devices are lost when a test says so, and whose time passes as it is waited for. */
function lossy({
  refuses = () => false,
  beforeRun = () => {},
  decoder = autoregressive,
  lookahead = 1,
  readsInTurn = false,
}: {
  refuses?: (opened: number) => boolean;
  decoder?: Decoder;
  lookahead?: number;
  /** One read after the other, so that some are still on their way when an event comes. */
  readsInTurn?: boolean;
  /** Called where a run's costs would be measured. */
  beforeRun?: (device: FakeDevice) => void;
} = {}) {
  const devices: FakeDevice[] = [];
  const waits: number[] = [];
  /** Devices that a run was made ready on. */
  const warmed: FakeDevice[] = [];
  let nowMs = 0;
  let asked = 0;
  let last = Promise.resolve();
  const queue = () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
  const openDevice = async (): Promise<FakeDevice> => {
    if (refuses(++asked)) throw new Error("no adapter");
    let lose = (_: string) => {};
    const lost = new Promise<string>((resolve) => {
      lose = resolve;
    });
    const device: FakeDevice = {
      facts: { vendor: "", architecture: "", description: "", isSoftware: true },
      arena: { byteLength: 0 },
      lost,
      isLost: false,
      lose(reason) {
        device.isLost = true;
        lose(reason);
      },
    };
    devices.push(device);
    return device;
  };
  const loadModel = async (device: FakeDevice): Promise<RuntimeModel> => ({
    model: mockModel({
      law: hashedLaw(1, 13),
      capabilities: { vocabSize: 13 },
      latency: async () => {
        if (readsInTurn) await queue();
        if (device.isLost) throw new DeviceLostError("gone");
      },
    }),
    tokenizer: null,
    name: "m",
    gpuBytes: 0,
    weights: null,
    memory: { weights: 0, kv: 0, scratch: 0, staging: 0 },
    kernels: "cpu-like",
    load: { fetchMs: 0, parseMs: 0, tuneMs: 0, uploadMs: 0, compileMs: 0 },
    dispose: () => undefined,
  });
  const parts = {
    openDevice,
    loadModel,
    generate: async ({ device, target, signal, recovery, request }, emit) => {
      beforeRun(device);
      return generate(
        {
          decoder,
          promptIds: request.prompt as number[],
          options: request.options,
          capabilities: target.loaded.model.capabilities,
          target: target.session,
          tokenizer: LETTERS,
          clock: () => 0,
          lookahead,
          warmUp: async () => void warmed.push(devices[devices.length - 1]),
          signal,
          recovery,
        },
        emit,
      );
    },
  } as Partial<RuntimeParts<FakeDevice, RuntimeModel>> as RuntimeParts<FakeDevice, RuntimeModel>;
  const time: Time = {
    now: () => nowMs,
    async wait(delayMs, signal) {
      signal?.throwIfAborted();
      waits.push(delayMs);
      nowMs += delayMs;
    },
  };
  const runtime = new Runtime(parts, new Losses(time));
  /** Loses the device after these steps; with `everyMs` so much time passes before each. */
  async function run(lostAfter: readonly number[], { everyMs = 0, signal = new AbortController().signal } = {}) {
    await runtime.load(MODEL);
    const events: GenerationEvent[] = [];
    let numSteps = 0;
    const done = await runtime.run(
      JOB,
      (event) => {
        events.push(event);
        if (event.type !== "step" || !lostAfter.includes(++numSteps)) return;
        nowMs += everyMs;
        devices.at(-1)?.lose(`loss after ${numSteps}`);
      },
      signal,
    );
    return { events, done };
  }
  return { runtime, devices, waits, warmed, run, openedTwice: () => asked };
}

const editsOf = (events: readonly GenerationEvent[]) =>
  events.filter((event): event is LiveEvent => event.type === "step").map(({ edits }) => edits);

afterEach(() => vi.useRealTimers());

it("a run whose device is lost goes on upon another, with its models loaded again, its numbers going on and the same text", async () => {
  const whole = await lossy().run([]);
  const { run, devices, waits, warmed, runtime } = lossy();
  const { events, done } = await run([3, 7]);
  expect(done).toMatchObject({ ids: whole.done.ids, text: whole.done.text, reason: "length" });
  expect(editsOf(events)).toEqual(editsOf(whole.events));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  expect(done.metrics.forwards).toBe(whole.done.metrics.forwards);
  const told = events.filter(({ type }) => type === "recovering" || type === "resumed");
  expect(told).toMatchObject([
    { type: "recovering", reason: "loss after 3" },
    { type: "resumed" },
    { type: "recovering", reason: "loss after 7" },
    { type: "resumed" },
  ]);
  expect(devices).toHaveLength(3);
  expect(warmed).toEqual(devices);
  expect(waits).toEqual([50, 50]);
  expect(runtime.stats).toMatchObject({ devices: 1, models: 1, runs: 0, sessions: 1 });
});

it("after three losses within a minute a run stops with the reason, and the next run works", async () => {
  const { run, devices } = lossy();
  const failed = run([2, 3, 4]);
  await expect(failed).rejects.toThrow(/lost 3 times within a minute \(loss after 4\)/);
  await expect(failed).rejects.toMatchObject({ code: "device_lost" });
  expect(devices).toHaveLength(3);
  expect((await run([])).done.reason).toBe("length");
});

it("losses that lie apart don't add up", async () => {
  const { run, devices } = lossy();
  expect((await run([2, 3, 4, 5, 6], { everyMs: 40_000 })).done.reason).toBe("length");
  expect(devices).toHaveLength(6);
});

it("asks again and again for a device, less and less often, and then gives up", async () => {
  const patient = lossy({ refuses: (asked) => asked === 2 || asked === 3 });
  expect((await patient.run([3])).done.reason).toBe("length");
  expect(patient.waits).toEqual([50, 200, 800]);
  const none = lossy({ refuses: (asked) => asked > 1 });
  await expect(none.run([3])).rejects.toThrow(/loss after 3.*4 tries.*no adapter/);
  expect(none.waits).toEqual([50, 200, 800, 3200]);
});

it("a run that is cancelled while it waits for a device ends as cancelled, with what was written", async () => {
  const abort = new AbortController();
  const { runtime, devices } = lossy();
  await runtime.load(MODEL);
  let numSteps = 0;
  const done = await runtime.run(
    JOB,
    ({ type }) => {
      if (type === "step" && ++numSteps === 4) devices[0].lose("driver reset");
      if (type === "recovering") abort.abort();
    },
    abort.signal,
  );
  expect(done).toMatchObject({ reason: "cancelled", ids: (await lossy().run([])).done.ids.slice(0, 4) });
  expect(devices).toHaveLength(1);
});

it("a run that fails otherwise isn't taken for one whose device was lost", async () => {
  const { runtime } = lossy();
  await runtime.load(MODEL);
  const bad = runtime.run({ ...JOB, options: { max_new_tokens: -1 } }, () => {}, new AbortController().signal);
  await expect(bad).rejects.toMatchObject({ code: "invalid_option" });
  // What its session holds is unknown.
  expect(runtime.stats.sessions).toBe(0);
});

it("a device that is lost while a run is made ready, before its first event, is recovered as well", async () => {
  let numRuns = 0;
  const { run, devices } = lossy({
    beforeRun(device) {
      if (++numRuns > 1) return;
      device.lose("while measuring");
      throw new Error("a read failed");
    },
  });
  const { events, done } = await run([]);
  expect(done.reason).toBe("length");
  expect(events[0]).toMatchObject({ type: "start", seq: 0 });
  expect(devices).toHaveLength(2);
});

it("of losses that lie far back and three within a minute, the three count", async () => {
  let nowMs = 0;
  const losses = new Losses({ now: () => nowMs, wait: async () => {} });
  for (nowMs of [0, 100_000, 101_000]) losses.note("reset");
  expect(await losses.askAnew(async () => "device")).toBe("device");
  nowMs = 102_000;
  losses.note("reset");
  await expect(losses.askAnew(async () => "device")).rejects.toThrow(/lost 3 times within a minute/);
});

it("a run gives back what it took for each loss: the reference that is left is its caller's", async () => {
  const { run, runtime } = lossy();
  await run([3, 7]);
  expect(runtime.stats.models).toBe(1);
  runtime.release(MODEL);
  expect(runtime.stats).toMatchObject({ models: 0, sessions: 0 });
});

it("where memory runs out the sessions that no run uses are freed, and where a run fails otherwise they are kept", async () => {
  for (const [error, numKept] of [
    [new OutOfMemoryError("full"), 0],
    [new InvalidOptionError("wrong"), 1],
  ] as const) {
    let numRuns = 0;
    const { run, runtime } = lossy({
      beforeRun() {
        if (++numRuns > 1) throw error;
      },
    });
    await run([]);
    const alone = runtime.run({ ...JOB, isAlone: true }, () => {}, new AbortController().signal);
    await expect(alone).rejects.toBe(error);
    expect(runtime.stats.sessions).toBe(numKept);
  }
});

it("an error that says what was wrong is told, though the device is lost meanwhile", async () => {
  const wrong = new InvalidOptionError("wrong");
  const { run, devices } = lossy({
    beforeRun(device) {
      device.lose("driver reset");
      throw wrong;
    },
  });
  await expect(run([])).rejects.toBe(wrong);
  expect(devices).toHaveLength(1);
});

/** Autoregressive steps up to a text of so many tokens; `beforeLast` is done before the last one is handed on. */
function upTo(length: number, beforeLast: (run: Run) => void = () => {}): Decoder {
  return {
    ...autoregressive,
    async *run(run) {
      let left = length - run.canvas.completion().length;
      for await (const step of plainSteps(run)) {
        if (--left === 0) beforeLast(run);
        yield step;
        if (left === 0) return;
      }
    },
  };
}

it("a run whose steps are all pulled when its device is lost writes those again that weren't read, to its end", async () => {
  // The decoder ends by itself, below the most new tokens, while its first ones are read.
  const how = { decoder: upTo(8), lookahead: 20, readsInTurn: true };
  const whole = await lossy(how).run([]);
  expect(whole.done.ids).toHaveLength(8);
  const { run, devices } = lossy(how);
  const { done } = await run([3]);
  expect(done).toMatchObject({ ids: whole.done.ids, reason: "complete" });
  expect(devices).toHaveLength(2);
});

it("a run that has written its last token ends, though its device is lost before its session has settled", async () => {
  // A verdict that no one reads: how long the session is, is asked of the device at the end.
  const decoder = upTo(12, ({ target, sampler }) => {
    target.keep(target.forward({ tokens: [1, 2], attend: "causal", keep: 1 }).ask(verify(sampler)));
  });
  const whole = await lossy().run([]);
  const { run, devices } = lossy({ decoder });
  const { done, events } = await run([12]);
  expect(done).toMatchObject({ ids: whole.done.ids, reason: "length" });
  expect(events.map(({ type }) => type)).not.toContain("recovering");
  expect(devices).toHaveLength(1);
});
