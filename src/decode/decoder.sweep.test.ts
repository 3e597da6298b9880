// Over 300 lines: what every decoder must do, whatever it writes. A new decoder gets in by the examples of its folder.
import { EAGLE } from "../extension/eagle/key.js";
import { JOINT_SAMPLER } from "../extension/joint-sampler/key.js";
import { MASK_TOKENS } from "../extension/mask-tokens/key.js";
import { TWIN } from "../extension/twin/key.js";
import { earlyExit } from "../extension/early-exit/key.js";
import { describe, expect, it } from "vitest";
import { Canvas } from "../vocabulary/canvas.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Edit, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { Session } from "../seam/session.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { TextSoFar } from "../vocabulary/text-so-far.js";
import { CONFORMANCE_CASES, type ConformanceCase } from "../testing/conformance-cases.js";
import { brokenRules } from "../testing/edit-rules.js";
import { Losses } from "../testing/losses.js";
import { hashedModels, promptCanvas, type Rehearsal, type Rehearsed, rehearse, stepsOf } from "../testing/rehearsal.js";
import { pause, Scheduler } from "./engine/scheduler.js";
import { setBased } from "./set-based/decoder.js";
import { speculative } from "./speculative/decoder.js";

const PROMPT = [0, 3, 4, 1, 2];

// What fills holes is tested by infill.test.ts: here everything is written behind the prompt.
const BEHIND_THE_PROMPT = CONFORMANCE_CASES.filter(({ options }) => !options.infill);

describe.each(BEHIND_THE_PROMPT)("$name", ({ decoder, kind, options, isForgetful, takesBack, onGraph }) => {
  const models = hashedModels(kind);
  const request = (more: Record<string, unknown> = {}): Rehearsed => ({
    decoder,
    models,
    promptIds: PROMPT,
    options: { temperature: 0.9, seed: 7, ...options, max_new_tokens: 18, ...more },
  });
  /** The run as it is, on sessions of its own: made once, to be looked at and not to be written on. */
  let made: Promise<Rehearsal> | null = null;
  const written = () => {
    made ??= rehearse(request());
    return made;
  };

  it("writes edits whose replay is the canvas, and pieces whose joined text is done.text", async () => {
    const { events, done, canvas } = await written();
    const replayed = Canvas.replay(editsOf(events));
    expect(plain(replayed)).toEqual(plain(canvas));
    expect(replayed.completion().map(({ token }) => token)).toEqual(done.ids);
    expect(shownText(events, replayed)).toBe(done.text);
    expect(done.text).toBe(done.ids.map((id) => String.fromCharCode(97 + id)).join(""));
    expect(done.ids).toHaveLength(18);
  });

  it("has after every event the text of what is committed without a gap", async () => {
    const { events, done } = await written();
    const soFar = new TextSoFar();
    const slots: { id: number; token: TokenId | null; state: string }[] = [];
    for (const event of events) {
      if (event.type === "error") throw new Error(event.message);
      const text = soFar.after(event);
      if (event.type === "done") continue;
      // A list of its own, searched anew for each edit.
      for (const edit of event.edits) {
        const at = slots.findIndex(({ id }) => id === edit.slot);
        if (edit.op === "delete") slots.splice(at, 1);
        else if (edit.op === "write") Object.assign(slots[at], { token: edit.token, state: edit.state });
        else slots.splice(slots.findIndex(({ id }) => id === edit.after) + 1, 0, { ...edit, id: edit.slot });
      }
      const behind = slots.slice(PROMPT.length);
      const open = behind.findIndex(({ state }) => state !== "committed");
      const certain = open < 0 ? behind : behind.slice(0, open);
      expect(text).toBe(certain.map(({ token }) => String.fromCharCode(97 + (token ?? 0))).join(""));
    }
    expect(soFar.after(done)).toBe(done.text);
  });

  it("is undone, edit by edit, back to the prompt", async () => {
    const { events } = await written();
    const canvas = new Canvas();
    const inverses = editsOf(events).map((edit) => canvas.apply(edit));
    for (const inverse of inverses.slice(PROMPT.length).reverse()) canvas.apply(inverse);
    expect(plain(canvas)).toEqual(plain(promptCanvas(PROMPT)));
  });

  it("writes in every step, never the mask's id, and leaves the prompt and what is committed as they are", async () => {
    const { events, canvas } = await written();
    expect(brokenRules(events, models.target.capabilities.maskToken, takesBack)).toEqual([]);
    expect(canvas.ids().slice(0, PROMPT.length)).toEqual(PROMPT);
  });

  it("never uses a slot id twice and numbers its events without a gap", async () => {
    const { events } = await written();
    const inserted = editsOf(events).flatMap((edit) => (edit.op === "insert" ? [edit.slot] : []));
    expect(new Set(inserted).size).toBe(inserted.length);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect([events[0].type, events.at(-1)?.type]).toEqual(["start", "done"]);
  });

  it("gives the same trace for the same seed, and for another seed another text unless nothing is drawn", async () => {
    const first = await written();
    expect((await rehearse(request())).events).toEqual(first.events);
    const other = (await rehearse(request({ seed: 8 }))).done.ids;
    if (options.temperature === 0) expect(other).toEqual(first.done.ids);
    else expect(other).not.toEqual(first.done.ids);
  });

  it("writes the same edits however far it runs ahead and however late results arrive", async () => {
    const first = await written();
    for (const lookahead of [1, 2, 8]) {
      const latencies = [() => Promise.resolve(), lateBy(3), unevenly()];
      for (const latency of IS_WHOLE ? latencies : [latencies[lookahead % 3]]) {
        const late = { ...request(), models: hashedModels(kind, {}, { latency }), lookahead };
        expect(traceOf((await rehearse(late)).events)).toEqual(traceOf(first.events));
      }
    }
  });

  it.runIf(onGraph)(
    "writes the same edits on a graph, whose forwards run late, and leaves its sessions as new ones",
    async () => {
      const first = await written();
      const latencies = [() => Promise.resolve(), unevenly()];
      for (const [i, latency] of latencies.entries()) {
        const late = { ...request(), models: hashedModels(kind, {}, { latency, onGraph: true }), lookahead: [8, 1][i] };
        const used = await rehearse(late);
        expect(traceOf(used.events)).toEqual(traceOf(first.events));
        const { forwards, rows } = used.done.metrics;
        expect({ forwards, rows }).toEqual({ forwards: first.done.metrics.forwards, rows: first.done.metrics.rows });
        const promptIds = [0, 3, 5, 1, 2, 7, 4, 4, 9];
        const again = await rehearse({ ...late, promptIds, target: used.target, draft: used.draft });
        expect(traceOf(again.events)).toEqual(traceOf((await rehearse({ ...request(), promptIds })).events));
      }
    },
  );

  it("leaves sessions that write another prompt as new ones do, and the same prompt without storing it again", async () => {
    const used = await rehearse(request());
    const other = { ...request(), promptIds: [0, 3, 5, 1, 2, 7, 4, 4, 9] };
    const again = await rehearse({ ...other, target: used.target, draft: used.draft });
    const fresh = await rehearse(other);
    expect(traceOf(again.events)).toEqual(traceOf(fresh.events));
    const rowsBefore = again.target.counts.rows;
    await rehearse({ ...other, target: again.target, draft: again.draft });
    // All of the prompt but its last token, or the one before for those that read states again; whole blocks by their plan.
    const { drafter, block_rule, block_align } = options;
    const readsStates = drafter === "eagle" || drafter === "mtp";
    const stored = block_align ? 1 : block_rule === "policy" ? 6 : readsStates ? 7 : 8;
    const saved = kind === "full" || kind === "subsets" ? 0 : stored;
    expect(again.target.counts.rows - rowsBefore).toBeLessThanOrEqual(fresh.target.counts.rows - saved);
  });

  it.runIf(models.target.capabilities.causal)(
    "writes on a session that has read its prompt as a set as on a new one, and leaves it to that set's text",
    async () => {
      const sets = [{ start: 1, lengths: [1, 2] }];
      const asSet = (target?: Session) =>
        rehearse({ decoder: setBased, models, promptIds: PROMPT, sets, target, options: { max_new_tokens: 4 } });
      const { target, events } = await asSet();
      const again = await rehearse({ ...request(), target });
      expect(traceOf(again.events)).toEqual(traceOf((await written()).events));
      expect(traceOf((await asSet(target)).events)).toEqual(traceOf(events));
    },
  );

  it("is cancelled between any two steps, and written on from the same canvas ends as if it never was", async () => {
    const whole = await written();
    const numSteps = stepsOf(whole.events).length;
    const all = Array.from({ length: numSteps + 1 }, (_, i) => i);
    // Both ends, and of those between every fifth.
    for (const stopAfter of all.filter((i) => IS_WHOLE || i < 2 || i > numSteps - 2 || i % 5 === 0)) {
      for (const isRestart of IS_WHOLE ? [false, true] : [stopAfter % 2 === 0]) {
        const cut = await cancelAfter(request(), stopAfter);
        if (stopAfter < numSteps) expect(cut.done.reason).toBe("cancelled");
        expect(cut.canvas.slots().some(({ state }) => state === "draft")).toBe(false);
        const sessions = isRestart ? {} : { target: cut.target, draft: cut.draft };
        // The canvas is written on in place.
        const kept = cut.canvas.slots().map(({ state, token }) => (state === "mask" ? undefined : token));
        const rest = await rehearse({ ...request(), ...sessions, canvas: cut.canvas });
        expect(Canvas.replay(editsOf(rest.events)).ids()).toEqual(rest.canvas.ids());
        if (!isForgetful) expect(rest.done.ids).toEqual(whole.done.ids);
        else if (!takesBack) {
          const ids = rest.canvas.ids();
          expect(ids).toEqual(ids.map((id, i) => kept[i] ?? id));
        }
      }
    }
  });

  it("goes on after the loss of its device at any step, as if nothing had been lost", async () => {
    const whole = await rehearse({ ...request(), lookahead: 1 });
    const numSteps = stepsOf(whole.events).length;
    const all = Array.from({ length: numSteps }, (_, i) => i);
    const few = all.filter((i) => i === 0 || i === numSteps - 1 || i % 7 === 3);
    // What goes on at about its step never ends where each step is its last.
    const losses = [
      ...(takesBack ? [] : [() => true]),
      ...(IS_WHOLE ? all : few).map((i) => (step: number) => step === i),
    ];
    for (const isLast of losses) {
      const lost = new Losses((latency) => hashedModels(kind, {}, { latency }));
      const onEvent = lost.after(isLast);
      const lossy = await rehearse({ ...request(), ...lost, lookahead: 1, onEvent });
      const { events, done, canvas } = lossy;
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
      expect(Canvas.replay(editsOf(events)).ids()).toEqual(canvas.ids());
      expect(done.metrics.steps).toBe(stepsOf(events).length);
      expect(done.metrics.forwards).toBe(stepsOf(events).reduce((sum, { forwards }) => sum + forwards, 0));
      expect(events.filter(({ type }) => type === "recovering")).toHaveLength(lost.count - 1);
      expect(events.filter(({ type }) => type === "resumed")).toHaveLength(lost.count - 1);
      expect(lost.count).toBeGreaterThan(1);
      if (isForgetful) continue;
      expect({ ...done, metrics: 0, seq: 0 }).toEqual({ ...whole.done, metrics: 0, seq: 0 });
      // What a drafter has learned is lost, which costs speed alone: its rounds may be others.
      const editsBy = (run: Rehearsal) => stepsOf(run.events).map(({ edits }) => edits);
      if (decoder !== speculative) expect(editsBy(lossy)).toEqual(editsBy(whole));
    }
  });

  it("never writes more than max_new_tokens, and a shorter text is the longer one's beginning", async () => {
    const own = { ...options };
    // Who reads masks up to the end writes otherwise where that is elsewhere.
    const isWhole = !("steps" in own) && kind !== "full";
    const long = await written();
    for (const max_new_tokens of IS_WHOLE ? [0, 1, 2, 3, 4, 5, 11] : [0, 1, 3, 11]) {
      // No more steps than there are masks.
      const steps = options.steps && Math.max(1, max_new_tokens);
      const { done, canvas } = await rehearse(request({ max_new_tokens, steps }));
      expect(done.ids).toHaveLength(max_new_tokens);
      expect(done.reason).toBe("length");
      expect(canvas.length).toBe(PROMPT.length + max_new_tokens);
      if (isWhole) expect(done.ids).toEqual(long.done.ids.slice(0, max_new_tokens));
    }
  });

  it("fills the context to its last position and no further", async () => {
    const short = {
      ...request({ max_new_tokens: 1000, steps: options.steps && 40 }),
      models: hashedModels(kind, { maxLength: 30 }),
    };
    const { done, canvas } = await rehearse(short);
    expect(canvas.length).toBe(30);
    expect(done.reason).toBe("length");
    const fullPrompt = Array.from({ length: 29 }, (_, i) => i % 12);
    const last = await rehearse({ ...short, promptIds: fullPrompt });
    expect(last.done.ids).toHaveLength(1);
    const tooLong = rehearse({ ...short, promptIds: [...fullPrompt, 1] });
    await expect(tooLong).rejects.toMatchObject({ code: "prompt_too_long" });
  });

  it("stops at an end token, which stays on the canvas and out of ids and text", async () => {
    const whole = await written();
    const ids = [...new Set(whole.done.ids)];
    for (const eosToken of ids.filter((_, i) => IS_WHOLE || i % 4 === 0 || i === ids.length - 1)) {
      const at = whole.done.ids.indexOf(eosToken);
      const ended = await rehearse({ ...request(), models: hashedModels(kind, { eosTokens: [eosToken] }) });
      expect(ended.done).toMatchObject({
        reason: "stop",
        ids: whole.done.ids.slice(0, at),
        text: whole.done.text.slice(0, at),
      });
      expect(ended.canvas.ids().slice(PROMPT.length)).toEqual(whole.done.ids.slice(0, at + 1));
    }
  });

  it("cuts the text before a stop text, and shows no part of it on the way", async () => {
    const whole = await written();
    const all = [
      [0, 1],
      [0, 3],
      [4, 6],
      [7, 11],
      [15, 18],
    ];
    for (const [from, to] of IS_WHOLE ? all : all.slice(1, 4)) {
      const stop = whole.done.text.slice(from, to);
      const at = whole.done.text.indexOf(stop);
      const shown: string[] = [];
      const canvas = new Canvas();
      const texts = new Map<number, string>();
      const onEvent = (event: GenerationEvent) => {
        if (event.type !== "start" && event.type !== "step") return;
        for (const edit of event.edits) canvas.apply(edit);
        for (const { slot, text } of event.pieces) texts.set(slot, text);
        const run = canvas.slots().slice(PROMPT.length, canvas.committedEnd());
        shown.push(run.map(({ id }) => texts.get(id) ?? "").join(""));
      };
      const { done } = await rehearse({ ...request({ stop }), onEvent });
      expect(done.text).toBe(whole.done.text.slice(0, at));
      expect(done.reason).toBe("stop");
      expect(done.ids).toEqual(whole.done.ids.slice(0, at + stop.length));
      expect(shown.at(-1)).toBe(done.text);
      for (const text of shown) expect(done.text.startsWith(text)).toBe(true);
    }
  });

  it("writes with a vocabulary of one token", async () => {
    const vocabSize = kind === "causal" ? 1 : 2;
    const small = request("corpus" in options ? { corpus: [0, 0, 0] } : {});
    // A mask id of the draft model alone is a token of the target's.
    const only = kind === "block-drafts" ? { ...small.options, logit_bias: { 1: -1000 } } : small.options;
    const models = hashedModels(kind, { vocabSize });
    const { done } = await rehearse({ ...small, options: only, promptIds: [0], models });
    expect(done.ids).toEqual(new Array<TokenId>(18).fill(0));
  });

  it("refuses an empty prompt, a foreign id and an unknown option by name, and the next run works", async () => {
    const refused: [Partial<Rehearsed>, string][] = [
      [{ promptIds: [] }, "empty_prompt"],
      [{ promptIds: [0, 13] }, "bad_token"],
      [{ promptIds: [0.5] }, "bad_token"],
      [{ options: { max_tokens: 3 } }, "unknown_option"],
      [{ options: { temperature: Number.NaN } }, "invalid_option"],
      [{ options: { ...options, logit_bias: { 13: 1 } } }, "bad_token"],
    ];
    for (const [part, code] of refused) {
      const events: GenerationEvent[] = [];
      const run = rehearse({ ...request(), ...part, onEvent: (event) => events.push(event) });
      await expect(run).rejects.toBeInstanceOf(InvalidOptionError);
      expect(events).toMatchObject([{ type: "error", seq: 0, code }]);
    }
    expect((await rehearse(request())).done.reason).toBe("length");
  });

  it("writes the same when it shares its device", async () => {
    const alone = await written();
    let nowMs = 0;
    const clock = () => nowMs;
    const scheduler = new Scheduler({ clock });
    const latency = async () => {
      nowMs += 7;
      await pause();
    };
    const runs = (IS_WHOLE ? [0, 1, 2] : [0, 1]).map(() =>
      rehearse({ ...request(), models: hashedModels(kind, {}, { latency }), turn: scheduler.join(), clock }),
    );
    for (const { events, done } of await Promise.all(runs)) {
      expect(traceOf(events)).toEqual(traceOf(alone.events));
      expect(done.metrics.forwards).toBe(alone.done.metrics.forwards);
    }
    expect(scheduler.size).toBe(0);
  });

  it("leaves in every session that it used the canvas's ids and nothing else, so that the next run needn't read them", async () => {
    const rehearsal = await written();
    const ids = rehearsal.canvas.ids();
    const { drafter = "model", cfg_scale, joint_steps } = options;
    const held = async (session: Session | undefined, expected: readonly TokenId[] = ids) => {
      await session?.settle();
      const { length = 0 } = session ?? {};
      expect(session?.match(expected)).toBe(length);
      return length;
    };
    // The last token waits to be fed; blocks are stored whole, windows as far as they are known.
    const left = { causal: 1, "block-drafts": 1, blocks: 7, "masks-last": 18, full: 23, subsets: 23 }[kind];
    expect(await held(rehearsal.target)).toBeGreaterThanOrEqual(ids.length - left);
    // What the masks of a step said, and a masked prompt, is of no use to the next run.
    if (drafter === "mtp" || cfg_scale || joint_steps) return;
    const beside = besideOf(rehearsal, options);
    const own = drafter === "eagle" ? ids.slice(1) : ids;
    // A schedule that drafts nothing for some rounds, trees and blocks leave some for the next draft to read.
    if (beside?.counts.forwards) expect(await held(beside, own)).toBeGreaterThanOrEqual(ids.length - 9);
  });

  it("counts its forwards, and none twice", async () => {
    const rehearsal = await written();
    const { events, done, target } = rehearsal;
    const sum = (key: "forwards" | "rows" | "draftForwards" | "dispatches" | "readbackBytes") =>
      stepsOf(events).reduce((total, step) => total + step[key], 0);
    const { forwards, rows, draftForwards, discardedForwards, dispatches, readbackBytes } = done.metrics;
    expect({ forwards, rows, draftForwards, dispatches, readbackBytes }).toEqual({
      forwards: sum("forwards"),
      draftForwards: sum("draftForwards"),
      dispatches: sum("dispatches"),
      readbackBytes: sum("readbackBytes"),
      rows: sum("rows"),
    });
    expect(forwards + discardedForwards).toBe(target.counts.forwards);
    const beside = besideOf(rehearsal, options);
    if (discardedForwards === 0)
      expect(readbackBytes).toBe(target.counts.readbackBytes + (beside?.counts.readbackBytes ?? 0));
    if (discardedForwards === 0) expect(draftForwards).toBe(beside?.counts.forwards ?? 0);
    expect(done.metrics.tokensPerForward).toBe(18 / forwards);
  });
});

/** The session beside the target's: its own head, mask sampler, twin or first layers, or the draft model's. */
function besideOf(
  { target, draft }: Rehearsal,
  { drafter, cfg_scale, joint_steps, exit_layer }: ConformanceCase["options"],
) {
  if (cfg_scale) return target.beside(TWIN);
  if (joint_steps || drafter === "eagle") return target.beside(joint_steps ? JOINT_SAMPLER : EAGLE);
  if (drafter === "mtp") return target.beside(MASK_TOKENS);
  return drafter === "early-exit" ? target.beside(earlyExit(Number(exit_layer ?? 2))) : draft;
}

function editsOf(events: readonly GenerationEvent[]): Edit[] {
  return events.flatMap((event) => (event.type === "start" || event.type === "step" ? event.edits : []));
}

function traceOf(events: readonly GenerationEvent[]): unknown[] {
  return events.map((event) =>
    event.type === "done"
      ? { ...event, metrics: null }
      : { type: event.type, seq: event.seq, edits: "edits" in event ? event.edits : null },
  );
}

function plain(canvas: Canvas): unknown[] {
  return canvas.slots().map(({ id, token, state, logprob }) => ({ id, token, state, logprob }));
}

function shownText(events: readonly GenerationEvent[], canvas: Canvas): string {
  const texts = new Map<number, string>();
  for (const event of events) {
    if (event.type === "start" || event.type === "step")
      for (const { slot, text } of event.pieces) texts.set(slot, text);
  }
  return canvas
    .completion()
    .map(({ id }) => texts.get(id) ?? "")
    .join("");
}

async function cancelAfter(request: Rehearsed, numSteps: number) {
  const abort = new AbortController();
  let seen = 0;
  if (numSteps === 0) abort.abort();
  const onEvent = (event: GenerationEvent) => {
    if (event.type === "step" && ++seen === numSteps) abort.abort();
  };
  return rehearse({ ...request, onEvent, signal: abort.signal });
}

function lateBy(turns: number): () => Promise<void> {
  return async () => {
    for (let i = 0; i < turns; i++) await pause();
  };
}

function unevenly(): () => Promise<void> {
  let calls = 0;
  return async () => {
    for (let i = (calls++ * 7) % 5; i > 0; i--) await pause();
  };
}
