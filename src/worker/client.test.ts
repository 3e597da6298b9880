// Over 300 lines: one worker of fakes, and what each call promises a page.
import { expose } from "comlink";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidOptionError, ModelLoadError, OutOfMemoryError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";
import { loadTokenizer } from "../tokenizer/tokenizer.js";
import {
  adapter,
  exportTuning,
  importTuning,
  listDecoders,
  modelRef,
  modelUrl,
  planOf,
  setWorkerFactory,
  stats,
  type WorkerLike,
} from "./client.js";
import type { DeviceReport, MeasureProgress, TuningRecord } from "../runtime/job.js";
import { Runtime, type RuntimeDevice, type RuntimeModel, type RuntimeParts } from "../runtime/runtime.js";
import { Devices } from "../runtime/devices.js";
import type { OnDevice } from "../runtime/on-device.js";
import { Host } from "./host.js";
import type { StoredOrder } from "../runtime/stored-orders.js";
import { load } from "./load.js";
import { giveFiles, useToken } from "./stored-models.js";

type Parts = RuntimeParts<RuntimeDevice, RuntimeModel>;

const step = (seq: number) =>
  ({ type: "step", seq, edits: [], pieces: [], forwards: 1, draftForwards: 0 }) as unknown as GenerationEvent;
const doneEvent = (reason: DoneEvent["reason"], seq: number) =>
  ({ type: "done", seq, reason, text: "", ids: [], metrics: {} }) as unknown as DoneEvent;

const vocab = { a: 0, b: 1, ab: 2, "<s>": 3 };
const bos = {
  id: 3,
  content: "<s>",
  special: true,
  ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
};
const tokenizer = loadTokenizer(
  { model: { type: "BPE", vocab, merges: ["a b"] }, decoder: { type: "Fuse" }, added_tokens: [bos] },
  { bos_token: "<s>", add_bos_token: true },
);

/** A worker on a message channel whose GPU, models and engine are fakes. */
function fakeWorker(overrides: Partial<Parts> = {}) {
  const counts = {
    workers: 0,
    ended: 0,
    devices: 0,
    loads: 0,
    disposed: 0,
    sessions: 0,
    disposedSessions: 0,
    measured: 0,
  };
  const ports: MessagePort[] = [];
  const orders: StoredOrder[] = [];
  let loseDevice = (_reason: string) => {};
  let goOn = () => {};
  const adapterFacts = { vendor: "v", architecture: "a", description: "d" };
  let record: TuningRecord = { version: 1, adapter: adapterFacts, kernels: "0a", choices: [] };
  const parts: Parts = {
    capabilities: async () => null,
    async plan({ models }, capabilities) {
      const known = await Promise.all(Object.values(models).map(capabilities));
      return {
        roles: null,
        fidelity: null,
        leftOut: {},
        refusal: null,
        closed: { of: String(known.map((one) => one?.vocabSize)) },
        values: {},
      };
    },
    async openDevice() {
      counts.devices++;
      return {
        facts: { vendor: "v", architecture: "a", description: "d", isSoftware: true },
        arena: { byteLength: 1000 },
        lost: new Promise((resolve) => {
          loseDevice = resolve;
        }),
      };
    },
    read: () => Promise.reject(new Error("a page loads what it reads")),
    check: () => Promise.reject(new Error("a page checks nothing beforehand")),
    async loadModel(_device, { url }, { onProgress }) {
      counts.loads++;
      onProgress({ loadedBytes: 1, totalBytes: 2 });
      await Promise.resolve();
      const session = () => {
        counts.sessions++;
        return { dispose: () => counts.disposedSessions++ } as unknown as Session;
      };
      const load = { fetchMs: 1, parseMs: 2, tuneMs: 0, uploadMs: 3, compileMs: 4 };
      const model = { name: url, capabilities: { vocabSize: 7, maxLength: 64 }, session } as unknown as Model;
      return {
        model,
        tokenizer,
        name: "fake",
        gpuBytes: 500,
        weights: null,
        memory: { weights: 500, kv: 0, scratch: 0, staging: 0 },
        kernels: "cpu-like",
        load,
        dispose: () => counts.disposed++,
      };
    },
    inTurn: (work) => work(async () => {}),
    limits: async () => ({ dispatchMs: 1 }) as DeviceReport["limits"],
    async measure(_device, _loaded, { signal, onProgress, again }) {
      onProgress({ numDone: 1, numRows: 7 });
      // Until the page has seen it or called it off: messages of two ports come in any order.
      await new Promise<void>((resolve) => {
        goOn = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      signal.throwIfAborted();
      counts.measured += again ? 10 : 1;
      return { costs: { rows: [1], ratio: [1] }, kernels: null } as unknown as DeviceReport;
    },
    exportTuning: async () => record,
    async importTuning(_device, value) {
      record = value as TuningRecord;
    },
    async generate({ signal }, emit) {
      for (let seq = 0; ; seq++) {
        if (signal.aborted || seq === 3) {
          const done = doneEvent(signal.aborted ? "cancelled" : "length", seq);
          emit(done);
          return done;
        }
        emit(step(seq));
        await new Promise((resolve) => setTimeout(resolve));
      }
    },
    ...overrides,
  };
  setWorkerFactory(() => {
    counts.workers++;
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const make = async () => ({ runtime: new Runtime(parts) }) as unknown as OnDevice;
    const begin = () => {};
    const obey = async (order: StoredOrder) => void orders.push(order);
    expose(new Host(new Devices({ names: ["webgpu"], make }), begin, obey), port2);
    port1.start();
    const terminate = () => void counts.ended++;
    return Object.assign(port1, { terminate }) as unknown as WorkerLike;
  });
  return {
    counts,
    orders,
    goOn: () => goOn(),
    loseDevice: (reason: string) => loseDevice(reason),
    close: () => ports.map((port) => port.close()),
  };
}

const URL_A = "https://models.example/a";
let close = () => {};

function start(overrides?: Partial<Parts>) {
  const worker = fakeWorker(overrides);
  close = worker.close;
  return worker;
}

async function reasonOf(events: AsyncIterable<GenerationEvent>): Promise<string | null> {
  let reason: string | null = null;
  for await (const event of events) if (event.type === "done") reason = event.reason;
  return reason;
}

/** Channels that a call opened and nobody has closed; the worker's own stays. */
let numOpen = 0;

describe("client", () => {
  beforeEach(() => {
    Reflect.deleteProperty(globalThis, Symbol.for("triptych-lm/worker/5"));
    numOpen = 0;
    class CountedChannel extends MessageChannel {
      constructor() {
        super();
        numOpen++;
        const close = this.port1.close.bind(this.port1);
        let isOpen = true;
        this.port1.close = () => {
          if (isOpen) numOpen--;
          isOpen = false;
          close();
        };
      }
    }
    vi.stubGlobal("MessageChannel", CountedChannel);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    close();
  });

  it("closes the channel of every call, run, load and measurement, however it ended", async () => {
    const { goOn } = start();
    await adapter();
    const own = numOpen;
    const model = await load(URL_A);
    expect(numOpen).toBe(own);
    await model.measure({ onProgress: goOn });
    await expect(model.measure({ again: true, signal: AbortSignal.abort() })).rejects.toThrow();
    await reasonOf(model.generate("x"));
    for await (const _ of model.generate("x")) break;
    await reasonOf(model.generate("x", { signal: AbortSignal.abort() }));
    await model.dispose();
    await expect(reasonOf(model.generate("x"))).rejects.toThrow();
    expect(numOpen).toBe(own);
    close();
    Reflect.deleteProperty(globalThis, Symbol.for("triptych-lm/worker/5"));
    start({
      loadModel: () => Promise.reject(new ModelLoadError("no", "missing_file")),
    });
    await adapter();
    const before = numOpen;
    await expect(load(URL_A)).rejects.toThrow("no");
    expect(numOpen).toBe(before);
  });

  it("measures a loaded model with progress, can be stopped, and holds no reference after", async () => {
    const { counts, goOn } = fakeWorker();
    const model = await load("https://models.test/a");
    const progress: MeasureProgress[] = [];
    const onProgress = (now: MeasureProgress) => {
      progress.push(now);
      goOn();
    };
    const report = await model.measure({ onProgress });
    expect(report).toMatchObject({ adapter: { vendor: "v", isSoftware: true }, limits: { dispatchMs: 1 } });
    expect(progress).toEqual([{ numDone: 1, numRows: 7 }]);
    await model.measure({ again: true, onProgress });
    expect(counts.measured).toBe(11);
    const abort = new AbortController();
    const stopped = model.measure({ signal: abort.signal, onProgress: () => abort.abort(new Error("enough")) });
    await expect(stopped).rejects.toThrow("enough");
    expect(counts.measured).toBe(11);
    await model.dispose();
    await expect(model.measure()).rejects.toMatchObject({ code: "disposed" });
    expect(counts.disposed).toBe(1);
  });

  it("hands tuning records over and takes them back", async () => {
    fakeWorker();
    const record = await exportTuning();
    expect(record.kernels).toBe("0a");
    await importTuning({ ...record, kernels: "0b" });
    expect((await exportTuning()).kernels).toBe("0b");
  });

  it("starts one worker, one device and one copy of a model for all its callers", async () => {
    const { counts } = start();
    const models = await Promise.all([load(URL_A), load(`${URL_A}/`), load(new URL(URL_A))]);
    await Promise.all([adapter(), listDecoders(), ...models.map((model) => reasonOf(model.generate("x")))]);
    expect(counts).toMatchObject({ workers: 1, devices: 1, loads: 1 });
    expect(models[2].load).toEqual({ fetchMs: 1, parseMs: 2, tuneMs: 0, uploadMs: 3, compileMs: 4 });
    expect(await stats()).toMatchObject({ workers: 1, devices: 1, models: 1, gpuBytes: 1000, runs: 0 });
  });

  it("starts nothing to answer that nothing is alive", async () => {
    const { counts } = start();
    expect(await stats()).toMatchObject({ workers: 0, devices: 0, models: 0, gpuBytes: 0 });
    expect(counts.workers).toBe(0);
  });

  it("frees a model with its last handle, however often one is disposed of", async () => {
    const { counts } = start();
    const [first, second] = await Promise.all([load(URL_A), load(URL_A)]);
    await first.dispose();
    await first.dispose();
    expect(counts.disposed).toBe(0);
    await second.dispose();
    expect(counts.disposed).toBe(1);
    await expect(reasonOf(first.generate("x"))).rejects.toMatchObject({ code: "disposed" });
  });

  describe("the worker's end", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** Lets the page look whether its worker is needed, and the worker answer. */
    async function look(): Promise<void> {
      await vi.advanceTimersByTimeAsync(1000);
      for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    }

    it("comes behind its last model, since only that gives a heap's memory back; the next load starts another", async () => {
      const { counts } = start();
      const [first, second] = await Promise.all([load(URL_A), load(URL_A)]);
      await first.dispose();
      await look();
      expect(counts).toMatchObject({ workers: 1, ended: 0 });
      await second.dispose();
      expect(counts.ended).toBe(0);
      await look();
      expect(counts.ended).toBe(1);
      expect(await stats()).toMatchObject({ workers: 0, models: 0 });
      const third = await load(URL_A);
      expect(counts).toMatchObject({ workers: 2, ended: 1 });
      expect(await third.count("ab")).toBe(1);
    });

    it("comes behind a load that failed, and not before a first load", async () => {
      const { counts } = start({ loadModel: () => Promise.reject(new OutOfMemoryError("no memory")) });
      await adapter();
      await look();
      expect(counts.ended).toBe(0);
      await expect(load(URL_A)).rejects.toThrow("no memory");
      await look();
      expect(counts.ended).toBe(1);
    });

    it("waits for runs and calls, and for models that were lost with their device", async () => {
      let end = () => {};
      const { counts, loseDevice } = start({
        async generate(_, emit) {
          emit(step(0));
          await new Promise<void>((resolve) => {
            end = resolve;
          });
          return doneEvent("length", 1);
        },
      });
      const model = await load(URL_A);
      const run = model.generate("x");
      await run.next();
      await model.dispose();
      await look();
      expect(counts.ended).toBe(0);
      const again = await load(URL_A);
      end();
      await reasonOf(run);
      loseDevice("driver reset");
      await stats();
      await look();
      expect(counts.ended).toBe(0);
      await again.dispose();
      // Asked while the page looks: what is called meanwhile needs it.
      vi.advanceTimersByTime(1000);
      const next = load(URL_A);
      await look();
      expect(counts).toMatchObject({ workers: 1, ended: 0 });
      await (await next).dispose();
      await look();
      expect(counts.ended).toBe(1);
    });

    it("loses no files that the page has given, and no token: the next worker is told them before its first load", async () => {
      const told: number[] = [];
      const { counts, orders } = start({
        loadModel: () => {
          told.push(orders.length);
          return Promise.reject(new ModelLoadError("no", "missing_file"));
        },
      });
      await useToken("secret");
      const address = await giveFiles({ "model.gguf": new Blob(["GGUF"]) });
      await expect(load(address)).rejects.toThrow("no");
      await look();
      await expect(load(address)).rejects.toThrow("no");
      expect(counts.workers).toBe(2);
      expect(orders.map((order) => order.do)).toEqual(["token", "give", "token", "give"]);
      expect(told).toEqual([2, 4]);
    });
  });

  it("keeps a disposed model until the run under way has ended, and no longer", async () => {
    let end = () => {};
    const { counts } = start({
      async generate(_, emit) {
        emit(step(0));
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        return doneEvent("length", 1);
      },
    });
    const model = await load(URL_A);
    const run = model.generate("x");
    await run.next();
    await model.dispose();
    expect(counts.disposed).toBe(0);
    end();
    expect(await reasonOf(run)).toBe("length");
    expect(counts.disposed).toBe(1);
  });

  it("tells the tokens of a text and the text of tokens, with typed errors for what is neither", async () => {
    start();
    const model = await load(URL_A);
    expect(await model.tokenize("aab<s>")).toEqual([0, 2, 3]);
    expect(await model.tokenize("aab", { special: true })).toEqual([3, 0, 2]);
    expect([await model.count("aab"), await model.count("")]).toEqual([2, 0]);
    expect(await model.detokenize(await model.tokenize("aab<s>"))).toBe("aab<s>");
    await expect(model.detokenize([0, 4])).rejects.toThrow(InvalidOptionError);
    await expect(model.detokenize([0.5])).rejects.toThrow(/0.5.*ids 0 to 3/);
    await expect(model.tokenize(7 as unknown as string)).rejects.toThrow(InvalidOptionError);
    await model.dispose();
    await expect(model.count("a")).rejects.toThrow(/disposed/);
  });

  it("yields every event in order and ends after done", async () => {
    start();
    const model = await load(URL_A);
    const seen: number[] = [];
    for await (const event of model.generate("x")) seen.push(event.seq);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it("reuses a session for the next run, and needs a second one only for runs at the same time", async () => {
    const { counts } = start();
    const model = await load(URL_A);
    for (let run = 0; run < 3; run++) await reasonOf(model.generate("x"));
    expect(counts.sessions).toBe(1);
    await Promise.all([reasonOf(model.generate("x")), reasonOf(model.generate("x"))]);
    expect(counts.sessions).toBe(2);
  });

  it("keeps two sessions of a model when many runs at the same time have ended", async () => {
    const { counts } = start();
    const model = await load(URL_A);
    await Promise.all(Array.from({ length: 8 }, () => reasonOf(model.generate("x"))));
    expect(counts).toMatchObject({ sessions: 8, disposedSessions: 6 });
    await Promise.all([reasonOf(model.generate("x")), reasonOf(model.generate("x"))]);
    expect(counts.sessions).toBe(8);
  });

  it("frees what no run uses when a run finds no memory", async () => {
    let runs = 0;
    const { counts } = start({
      async generate(_, emit) {
        if (++runs === 3) throw new OutOfMemoryError("no memory");
        emit(step(0));
        return doneEvent("length", 1);
      },
    });
    const [a, b] = await Promise.all([load(URL_A), load(`${URL_A}b`)]);
    for (const model of [a, b]) await reasonOf(model.generate("x"));
    await expect(reasonOf(a.generate("x"))).rejects.toBeInstanceOf(OutOfMemoryError);
    expect(counts).toMatchObject({ sessions: 2, disposedSessions: 2 });
    expect(await reasonOf(a.generate("x"))).toBe("length");
  });

  it("cancels the run when the loop is left, and its session is free afterwards", async () => {
    let wasCancelled = false;
    const { counts } = start({
      async generate({ signal }, emit) {
        emit(step(0));
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        wasCancelled = true;
        return doneEvent("cancelled", 1);
      },
    });
    const model = await load(URL_A);
    for await (const _ of model.generate("x")) break;
    expect(wasCancelled).toBe(true);
    for await (const _ of model.generate("x")) break;
    expect(counts.sessions).toBe(1);
  });

  it("ends a run as cancelled when its signal aborts, before or during it", async () => {
    start({
      async generate({ signal }, emit) {
        emit(step(0));
        // Only what comes over the port ends it.
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return doneEvent("cancelled", 1);
      },
    });
    const model = await load(URL_A);
    expect(await reasonOf(model.generate("x", { signal: AbortSignal.abort() }))).toBe("cancelled");
    const abort = new AbortController();
    const run = model.generate("x", { signal: abort.signal });
    await run.next();
    abort.abort();
    expect(await reasonOf(run)).toBe("cancelled");
  });

  it("throws a run's error with its class and code, and the next run works on a new session", async () => {
    let runs = 0;
    const { counts } = start({
      async generate(_, emit) {
        if (++runs === 1) throw new InvalidOptionError("temperature must be at least 0, got NaN");
        emit(step(0));
        return doneEvent("length", 1);
      },
    });
    const model = await load(URL_A);
    const failed = reasonOf(model.generate("x", { temperature: Number.NaN }));
    await expect(failed).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(failed).rejects.toMatchObject({ code: "invalid_option" });
    expect(await reasonOf(model.generate("x"))).toBe("length");
    expect(counts).toMatchObject({ sessions: 2, disposedSessions: 1 });
  });

  it("throws a load's error with its class and code, and the next load tries again", async () => {
    let loads = 0;
    const fail = async () => {
      loads++;
      throw new ModelLoadError("config.json is missing", "missing_file");
    };
    start({ loadModel: fail });
    await expect(load(URL_A)).rejects.toMatchObject({ code: "missing_file", name: "ModelLoadError" });
    await expect(load(URL_A)).rejects.toBeInstanceOf(ModelLoadError);
    expect(loads).toBe(2);
  });

  it("aborts a load with the signal's own reason and stops the download", async () => {
    let isStopped = false;
    const abort = new AbortController();
    const reason = new Error("left the page");
    start({
      loadModel: (_device, _url, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            isStopped = true;
            reject(signal.reason);
          });
          // The page's thread, while the worker's loads.
          abort.abort(reason);
        }),
    });
    const loading = load(URL_A, { signal: abort.signal });
    await expect(loading).rejects.toBe(reason);
    await stats();
    expect(isStopped).toBe(true);
  });

  it("says what could be chosen with models that aren't loaded, by what is known of them", async () => {
    start({ capabilities: async ({ url }) => (url.endsWith("/d/") ? ({ vocabSize: 9 } as Capabilities) : null) });
    await load(URL_A);
    const [causal, blocks] = ["https://models.example/d/", "https://models.example/e/"].map((url) => modelRef(url));
    const request = {
      decoder: "autoregressive",
      models: { target: modelRef(URL_A), causal, blocks },
      prefer: {},
      given: {},
      chosen: {},
    };
    expect((await planOf(request)).closed.of).toBe("7,9,");
  });

  it("loads a model onto a new device after the old one was lost, without the caller's doing", async () => {
    const { counts, loseDevice } = start();
    const model = await load(URL_A);
    loseDevice("driver reset");
    await stats();
    expect(await reasonOf(model.generate("x"))).toBe("length");
    expect(counts).toMatchObject({ devices: 2, loads: 2 });
  });

  it("sends text and options to the engine as the caller wrote them", async () => {
    const requests: unknown[] = [];
    start({
      async generate({ request, draft }) {
        requests.push({ ...request, drafts: draft !== undefined });
        return doneEvent("length", 0);
      },
    });
    const [model, draft] = await Promise.all([load(URL_A), load("https://models.example/d")]);
    await reasonOf(model.generate([5, 9], { decoder: "speculative", draft, maxNewTokens: 3, stop: ["."] }));
    expect(requests).toEqual([
      {
        model: { url: "https://models.example/a/" },
        draft: { url: "https://models.example/d/" },
        decoder: "speculative",
        prompt: [5, 9],
        options: { maxNewTokens: 3, stop: ["."] },
        drafts: true,
      },
    ]);
  });

  it("adds the text so far to each event, and gives the whole as one call", async () => {
    const write = (slot: number, text: string) =>
      ({
        ...step(slot),
        edits: [{ op: "insert", slot, after: slot === 0 ? null : slot - 1, token: 1, state: "committed" }],
        pieces: [{ slot, text }],
      }) as unknown as GenerationEvent;
    start({
      async generate(_, emit) {
        emit(write(0, "On"));
        emit(write(1, "ce"));
        return { ...doneEvent("stop", 2), text: "Once" } as DoneEvent;
      },
    });
    const model = await load(URL_A);
    const seen: string[] = [];
    for await (const { text } of model.generate("x")) seen.push(text);
    expect(seen).toEqual(["On", "Once", "Once"]);
    expect(await model.generateText("x")).toMatchObject({ type: "done", text: "Once", reason: "stop" });
    expect(await model.generateText("x", { signal: AbortSignal.abort() })).toMatchObject({ type: "done" });
  });

  it("refuses a prompt that is neither text nor ids, and options that can't leave the page, before the worker is asked", async () => {
    let numRuns = 0;
    start({
      async generate() {
        numRuns++;
        return doneEvent("stop", 0);
      },
    });
    const model = await load(URL_A);
    const chat = [{ role: "user", content: "Hi" }];
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const prompts: [unknown, RegExp][] = [
      [chat, /give them as \{ messages/],
      [{ role: "user", content: "Hi" }, /give them as \{ messages/],
      [["Once", "upon"], /a list with string/],
      [[1, null], /a list with null/],
      [[1, undefined, 2], /a list with undefined/],
      [undefined, /not undefined/],
      [null, /not null/],
      [7, /not number/],
      [circular, /not object/],
      [BigInt64Array.of(1n), /a list with bigint/],
      [["Once", { set: "ab" }], /a list with string/],
      [["Once", { set: [["a"]] }, "b"], /a list with string/],
    ];
    for (const [prompt, message] of prompts) {
      const failed = model.generateText(prompt as string);
      await expect(failed).rejects.toBeInstanceOf(InvalidOptionError);
      await expect(failed).rejects.toMatchObject({ code: "bad_prompt", message: expect.stringMatching(message) });
    }
    await expect(model.generateText("x", { stop: (() => ".") as unknown as string })).rejects.toMatchObject({
      name: "InvalidOptionError",
    });
    expect(numRuns).toBe(0);
    await model.generateText(["Once ", { set: ["a", [1, 2]] }, 3]);
    await model.generateText(["Once"]);
    await model.generateText([1, 2]);
    await model.generateText(Uint32Array.of(1, 2) as unknown as number[]);
    expect(numRuns).toBe(4);
  });

  it("refuses a model address that isn't a URL", () => {
    expect(() => modelUrl("./models/x")).toThrow(InvalidOptionError);
  });

  it.each([
    ["C:\\models\\x.gguf", "c:"],
    ["htp://host/m/", "htp:"],
    ["javascript:alert(1)", "javascript:"],
    ["file:///home/me/m.gguf", "file:"],
  ])("refuses the model address %s, from which a page loads nothing", (address, scheme) => {
    expect(() => modelUrl(address)).toThrow(`begins with ${scheme}, which nothing is loaded by here.`);
    expect(() => modelUrl(address)).toThrow(InvalidOptionError);
  });
});
