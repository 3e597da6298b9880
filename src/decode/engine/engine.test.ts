// Over 300 lines: one engine, and what each part of a run promises, on the same mock models.
import { sample } from "../../seam/questions/sample.js";
import { describe, expect, it } from "vitest";
import { Canvas } from "../../vocabulary/canvas.js";
import { DeviceLostError } from "../../vocabulary/errors.js";
import type { GenerationEvent } from "../../vocabulary/events.js";
import type { Session } from "../../seam/session.js";
import { RunView } from "../../ui/run-view.js";
import { Tally } from "../../ui/tally.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { defineDecoder } from "../decoder.js";
import { COMMON_OPTIONS } from "../options.js";
import { hashedModels, promptCanvas, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { pause } from "./scheduler.js";
import { speculative } from "../speculative/decoder.js";

const PROMPT = [0, 3, 4, 1];
const models = hashedModels("causal");
const run = { decoder: autoregressive, models, promptIds: PROMPT };

it("makes ready for a run before its clock starts, and tells of the run afterwards", async () => {
  let nowMs = 0;
  const order: string[] = [];
  const { done } = await rehearse({
    ...run,
    options: { max_new_tokens: 2, seed: 5 },
    clock: () => nowMs,
    async warmUp({ sampler, promptLength, forwards }) {
      order.push(`seed ${sampler.seed} behind ${promptLength}, rows ${forwards.drawn}`);
      await pause();
      nowMs += 1000;
    },
    onEvent: ({ type }) => order.push(type),
  });
  expect(order.slice(0, 2)).toEqual(["seed 5 behind 4, rows 1", "start"]);
  expect(done.metrics.elapsedMs).toBe(0);
});

describe("figures that a decoder reports", () => {
  /** Writes as autoregressive does, and reports each token's id under a name. */
  const reporting = (name: string) =>
    defineDecoder({
      ...autoregressive,
      figures: () => ({ token: { label: "last token", doc: "Id of the last token" } }),
      async *run(more) {
        for await (const { after, edits } of autoregressive.run(more)) {
          yield {
            after,
            edits: (edit, value) => {
              edits(edit, value);
              const token = more.canvas.ids().at(-1) ?? -1;
              if (token % 2 === 0) more.figure(name, token);
            },
          };
        }
      },
    });

  it("are named at the start, stand in the steps that report them, and as they last were in metrics and on the page", async () => {
    const { events, done } = await rehearse({ ...run, decoder: reporting("token"), options: { max_new_tokens: 12 } });
    expect(events[0]).toMatchObject({ figures: { token: { label: "last token" } } });
    const even = (id: number) => (id % 2 === 0 ? { token: id } : undefined);
    expect(stepsOf(events).map(({ figures }) => figures)).toEqual(done.ids.map(even));
    const last = done.ids.findLast((id) => id % 2 === 0);
    expect(done.metrics.figures).toEqual({ token: last });
    const [view, tally] = [new RunView(), new Tally()];
    view.subscribe((seen) => tally.add(seen));
    for (const event of events.slice(0, -1)) view.add(event);
    expect([Object.keys(tally.reports), tally.figures]).toEqual([["token"], { token: last }]);
  });

  it("are no field of a run that reports none", async () => {
    const { events, done } = await rehearse({ ...run, options: { max_new_tokens: 3 } });
    for (const event of [...events, done.metrics]) expect(event).not.toHaveProperty("figures");
  });

  it("have to be named by the decoder", async () => {
    const unnamed = rehearse({ ...run, decoder: reporting("other"), options: { max_new_tokens: 12 } });
    await expect(unnamed).rejects.toThrow(/autoregressive reports no other/);
  });
});

describe("running ahead", () => {
  it("keeps at most `lookahead` results unread, and fewer near the end", async () => {
    let unread = 0;
    let most = 0;
    const latency = async () => {
      most = Math.max(most, ++unread);
      await pause();
      unread--;
    };
    const late = { ...run, models: hashedModels("causal", {}, { latency }), options: { max_new_tokens: 30 } };
    for (const lookahead of [1, 3, 8]) {
      most = 0;
      const { done } = await rehearse({ ...late, lookahead });
      expect(most).toBe(lookahead);
      expect(done.metrics.discardedForwards).toBe(0);
    }
    most = 0;
    await rehearse({ ...late, options: { max_new_tokens: 2 } });
    expect(most).toBe(2);
  });

  it("counts what it threw away at a stop apart, and the kept steps alone in the rest", async () => {
    const whole = await rehearse({ ...run, options: { max_new_tokens: 20 } });
    const at = whole.done.ids.findIndex((id, i) => i >= 4 && whole.done.ids.indexOf(id) === i);
    const ended = { ...run, models: hashedModels("causal", { eosTokens: [whole.done.ids[at]] }) };
    const { done, target } = await rehearse({ ...ended, options: { max_new_tokens: 40 }, lookahead: 8 });
    expect(done.ids).toHaveLength(at);
    expect(done.metrics).toMatchObject({ forwards: at + 1, discardedForwards: 7, steps: at + 1 });
    expect(target.length).toBeLessThanOrEqual(PROMPT.length + at);
  });

  it("never pulls past a step that isn't applied yet when it needs no result", async () => {
    const order: string[] = [];
    const barriers = defineDecoder({
      ...autoregressive,
      async *run({ now }) {
        for (let i = 0; i < 3; i++) {
          order.push(`pull ${i}`);
          yield now((edit) => {
            order.push(`apply ${i}`);
            edit.append(i, "committed");
          });
        }
      },
    });
    const { done } = await rehearse({ ...run, decoder: barriers, lookahead: 8 });
    expect(order).toEqual(["pull 0", "apply 0", "pull 1", "apply 1", "pull 2", "apply 2"]);
    expect(done).toMatchObject({ reason: "complete", ids: [0, 1, 2] });
  });
});

describe("the event loop", () => {
  it("gets a turn at least every 20 ms, however fast results are", async () => {
    let nowMs = 0;
    const pausesMs: number[] = [];
    await rehearse({
      ...run,
      options: { max_new_tokens: 60 },
      clock: () => {
        nowMs += 0.4;
        return nowMs;
      },
      pause: async () => {
        pausesMs.push(nowMs);
      },
    });
    const gaps = pausesMs.map((time, i) => time - (pausesMs[i - 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(4);
    expect(Math.max(...gaps)).toBeLessThan(20);
  });
});

describe("sessions between runs", () => {
  it("are cut by their tokens, not by their length: a prompt that differs early costs its rows again", async () => {
    const first = await rehearse({ ...run, options: { max_new_tokens: 10 } });
    const rows = first.target.counts.rows;
    const again = await rehearse({ ...run, options: { max_new_tokens: 10 }, target: first.target });
    expect(again.target.counts.rows - rows).toBe(1 + 9);
    expect(again.done.ids).toEqual(first.done.ids);
    const other = { ...run, promptIds: [0, 2, 4, 1], options: { max_new_tokens: 10 } };
    expect((await rehearse({ ...other, target: first.target })).done.ids).toEqual((await rehearse(other)).done.ids);
  });

  it("are emptied when the next run reads another way", async () => {
    const blocks = { decoder: blockDiffusion, models: hashedModels("blocks"), promptIds: [0, 3, 4, 1, 2, 6, 7, 5, 3] };
    const options = { max_new_tokens: 12, threshold: 0.2 };
    const first = await rehearse({ ...blocks, options: { ...options, block_length: 8 } });
    const mixed = await rehearse({ ...blocks, options: { ...options, block_length: 2 }, target: first.target });
    const fresh = await rehearse({ ...blocks, options: { ...options, block_length: 2 } });
    expect(mixed.done.ids).toEqual(fresh.done.ids);
  });
});

describe("a run on a canvas that was written before", () => {
  it("starts with the canvas as it is, masks kept and drafts gone", async () => {
    const canvas = promptCanvas(PROMPT);
    canvas.apply({ op: "insert", slot: canvas.newSlot(), after: 3, token: 5, state: "committed", logprob: -1 });
    canvas.apply({ op: "insert", slot: canvas.newSlot(), after: 4, token: 6, state: "draft" });
    const { events, done } = await rehearse({ ...run, canvas, options: { max_new_tokens: 3 } });
    const [start] = events;
    if (start.type !== "start") throw new Error("no start");
    const replayed = Canvas.replay(start.edits);
    expect(replayed.slots().map(({ token, state }) => [token, state])).toEqual([
      ...PROMPT.map((token) => [token, "prompt"]),
      [5, "committed"],
    ]);
    expect(done.ids).toHaveLength(3);
    expect(done.ids[0]).toBe(5);
  });

  it("is done at once when nothing is left to write", async () => {
    const whole = await rehearse({ ...run, options: { max_new_tokens: 6 } });
    const { events, done, target } = await rehearse({ ...run, canvas: whole.canvas, options: { max_new_tokens: 6 } });
    expect(events.map(({ type }) => type)).toEqual(["start", "done"]);
    expect(done).toMatchObject({ reason: "length", ids: whole.done.ids, text: whole.done.text });
    expect(target.counts.forwards).toBe(0);
  });
});

describe("the end of a run", () => {
  it("comes with reason `length` after max_steps, for methods that go in circles", async () => {
    const circles = defineDecoder({
      ...autoregressive,
      async *run({ canvas, now }) {
        for (;;) {
          yield now((edit) => {
            const last = canvas.slots()[canvas.length - 1];
            if (last.state === "prompt") edit.append(1, "committed");
            else edit.delete(last.id);
          });
        }
      },
    });
    const { done, events } = await rehearse({ ...run, decoder: circles, maxSteps: 9 });
    expect(done.reason).toBe("length");
    expect(stepsOf(events)).toHaveLength(9);
  });

  it("is an error event and a rejection when a decoder or a device fails, with class and code", async () => {
    const failing = new Proxy(models.target.session(), {
      get(inner: Session, name) {
        if (name === "forward" && inner.counts.forwards === 3) throw new DeviceLostError("gone");
        const value: unknown = Reflect.get(inner, name, inner);
        return typeof value === "function" ? value.bind(inner) : value;
      },
    });
    const events: GenerationEvent[] = [];
    const failed = rehearse({ ...run, target: failing, lookahead: 1, onEvent: (event) => events.push(event) });
    await expect(failed).rejects.toBeInstanceOf(DeviceLostError);
    expect(events.map(({ type, seq }) => [type, seq])).toEqual([
      ["start", 0],
      ["step", 1],
      ["step", 2],
      ["step", 3],
      ["error", 4],
    ]);
    expect(events.at(-1)).toMatchObject({ name: "DeviceLostError", code: "device_lost" });
  });

  it("takes a prompt that ends inside a character as the prompt's own text", async () => {
    const euro = new TextEncoder().encode("€");
    const tokenizer = { bytes: (id: number) => (id === 1 ? euro.slice(0, 2) : euro.slice(2)), isSpecial: () => false };
    const { events, done } = await rehearse({
      ...run,
      tokenizer,
      options: { max_new_tokens: 1, logit_bias: { 2: 50 } },
    });
    const [start] = events;
    expect(start.type === "start" && start.pieces.at(-1)?.text).toBe("\ufffd");
    expect(done.text).toBe("\ufffd");
  });
});

describe("the clocks of a run", () => {
  it("give a run that ends with its first step a speed, and a run that goes on only what it wrote itself", async () => {
    let nowMs = 0;
    const latency = async () => {
      nowMs += 10;
    };
    const timed = { ...run, models: hashedModels("causal", {}, { latency }), clock: () => nowMs, lookahead: 1 };
    const one = await rehearse({ ...timed, options: { max_new_tokens: 1 } });
    expect(one.done.metrics).toMatchObject({ tokens: 1, timeToFirstTokenMs: 10, tokensPerSecond: 100 });
    const more = await rehearse({ ...timed, canvas: one.canvas, options: { max_new_tokens: 4 } });
    expect(more.done.metrics).toMatchObject({ tokens: 4, forwards: 3, tokensPerForward: 1, tokensPerSecond: 100 });
    // A whole block in one step, by the clock of 10 ms a result.
    const block = { decoder: blockDiffusion, models: hashedModels("blocks", {}, { latency }), promptIds: [0, 3, 4, 1] };
    const options = { max_new_tokens: 4, block_length: 4, threshold: 0, temperature: 0 };
    const { done } = await rehearse({ ...timed, ...block, options });
    expect(done.metrics).toMatchObject({ tokens: 4, timeToFirstTokenMs: 10, tokensPerSecond: 400 });
  });

  it("don't count the tokens of a first step of many as written in no time", async () => {
    let nowMs = 0;
    const latency = async () => {
      nowMs += 10;
    };
    const models = hashedModels("causal", {}, { latency, share: 0 });
    const timed = { ...run, models, clock: () => nowMs, lookahead: 1 };
    // The draft is always right: 5 tokens a round.
    const options = { max_new_tokens: 16, num_assistant_tokens: 4 };
    const { done, events } = await rehearse({ ...timed, decoder: speculative, options });
    const tally = new Tally();
    const view = new RunView();
    view.subscribe((seen) => tally.add(seen));
    for (const event of events) {
      view.add(event);
      if (event.type === "step" && event.elapsedMs === 20) expect(tally.tokensPerSecond).toBe(500);
    }
    expect(done.metrics).toMatchObject({ tokens: 16, tokensPerForward: 4, timeToFirstTokenMs: 10 });
    expect(done.metrics.tokensPerSecond).toBeCloseTo((11 * 1000) / 30);
    expect(tally.tokensPerSecond).toBe(done.metrics.tokensPerSecond);
  });

  it("measure the first token from the call, and the rate from the first token to the last", async () => {
    let nowMs = 100;
    const latency = async () => {
      nowMs += 10;
    };
    const clock = () => nowMs;
    const timed = { ...run, models: hashedModels("causal", {}, { latency }), clock, lookahead: 1 };
    const { done, events } = await rehearse({ ...timed, options: { max_new_tokens: 5 } });
    expect(stepsOf(events).map(({ elapsedMs }) => elapsedMs)).toEqual([10, 20, 30, 40, 50]);
    expect(done.metrics).toMatchObject({ timeToFirstTokenMs: 10, elapsedMs: 50, ownMs: 50, tokensPerSecond: 100 });
  });
});

describe("the option tables", () => {
  it("hold the common options in every decoder", () => {
    for (const decoder of [autoregressive, blockDiffusion]) expect(decoder.options).toMatchObject(COMMON_OPTIONS);
  });
});

describe("a run that gets nowhere", () => {
  const slots = ({ canvas }: { canvas: Canvas }) => canvas.slots();
  const endless: [string, Parameters<typeof defineDecoder>[0]["run"]][] = [
    [
      "steps without edits",
      async function* ({ now }) {
        for (;;) yield now(() => {});
      },
    ],
    [
      "steps that wait for a forward and make no edits",
      async function* ({ target, later, sampler }) {
        for (;;) yield later(target.forward({ tokens: [1], attend: "causal", keep: 0 }).ask(sample(sampler)), () => {});
      },
    ],
    [
      "a mask that stays a mask",
      async function* (run) {
        yield run.now((edit) => edit.append(null, "mask"));
        for (;;) yield run.now((edit) => edit.write(slots(run)[PROMPT.length].id, null, "mask"));
      },
    ],
    [
      "a token that is written and masked again, in turn",
      async function* (run) {
        yield run.now((edit) => edit.append(null, "mask"));
        for (;;) {
          yield run.now((edit) => edit.write(slots(run)[PROMPT.length].id, 2, "tentative"));
          yield run.now((edit) => edit.write(slots(run)[PROMPT.length].id, null, "mask"));
        }
      },
    ],
    [
      "a draft that comes and goes in each step",
      async function* ({ now }) {
        for (;;) yield now((edit) => edit.delete(edit.append(2, "draft")));
      },
    ],
  ];

  it.each(endless)("ends with an error: %s", async (_, steps) => {
    const events: GenerationEvent[] = [];
    const decoder = defineDecoder({ ...autoregressive, name: "stuck", run: steps });
    const onEvent = (event: GenerationEvent) => events.push(event);
    const options = { max_new_tokens: 8 };
    await expect(rehearse({ ...run, decoder, options, onEvent })).rejects.toThrow(
      /stuck (made 65 steps|goes in circles)/,
    );
    expect(events.at(-1)).toMatchObject({ type: "error", code: "invariant" });
  });
});
