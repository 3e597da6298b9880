import type { Canvas } from "../../vocabulary/canvas.js";
import { invariant, toWire } from "../../vocabulary/errors.js";
import type { DoneEvent, FinishReason, GenerationEvent } from "../../vocabulary/events.js";
import type { Run, Step } from "../decoder.js";
import { StepEditor } from "./editor.js";
import { LentSessions } from "./lent-sessions.js";
import { Meter, workBetween } from "./metrics.js";
import { Pace } from "./pace.js";
import { Patience } from "./patience.js";
import { shownBytes } from "./pieces.js";
import { type Plan, planRun } from "./plan.js";
import { PulledSteps } from "./pulled-steps.js";
import { Report } from "./report.js";
import type { GenerateRequest, RunSessions } from "./request.js";
import { RunClock } from "./run-clock.js";
import { type Stop, Transcript, stopRulesOf } from "./stop.js";

/**
 * Runs one generation and resolves with its `done` event; `emit` gets every event in order, `start` first.
 * A failure is an `error` event and a rejection. `done.ids` leave the end token out, which stays on the canvas;
 * `max_new_tokens` past the context ends at the context with reason `length`.
 */
export async function generate(request: GenerateRequest, emit: (event: GenerationEvent) => void): Promise<DoneEvent> {
  let seq = 0;
  const emitNext = (event: GenerationEvent) => {
    seq = event.seq + 1;
    emit(event);
  };
  try {
    const plan = request.plan ?? planRun(request);
    await warmUp(request, plan, request);
    return await new Engine(request, plan, emitNext).run();
  } catch (error) {
    emit({ type: "error", seq, ...toWire(error) });
    throw error;
  } finally {
    request.turn?.leave();
  }
}

/** Compiles what the run will need of these sessions' device, as far as its decoder says. */
async function warmUp(request: GenerateRequest, plan: Plan, { target, draft }: RunSessions): Promise<void> {
  const { sampler, canvas, maxNewTokens } = plan;
  const { decoder, recovery } = request;
  const forwards = decoder.usualForwards?.(plan.options);
  if (!forwards) return;
  const coming = { forwards, sampler, promptLength: canvas.promptLength, maxNewTokens, target, draft };
  await request.warmUp?.(coming).catch(async (error: unknown) => {
    // A device that is lost meanwhile is recovered once the run reads from it.
    if (((await recovery?.reasonOf(error)) ?? null) === null) throw error;
  });
}

class Engine {
  private readonly canvas: Canvas;
  /** Those of the request, until a lost device takes them along. */
  private sessions: LentSessions;
  private readonly transcript: Transcript;
  private readonly clock: RunClock;
  private readonly meter = new Meter();
  private readonly report: Report;
  private readonly pace: Pace;
  private readonly patience: Patience;
  private readonly pulled = new PulledSteps(() => this.sessions.work());
  /** The decoder has no more steps. */
  private isExhausted = false;

  constructor(
    private readonly request: GenerateRequest,
    private readonly plan: Plan,
    emit: (event: GenerationEvent) => void,
  ) {
    const { capabilities, tokenizer } = request;
    this.sessions = new LentSessions(request, plan.needs, request);
    this.canvas = plan.canvas;
    const bytesOf = shownBytes(tokenizer, new Set(capabilities.eosTokens));
    const rules = stopRulesOf(plan, capabilities);
    this.transcript = new Transcript(rules, bytesOf, (token, isFirst) => tokenizer.bytes(token, isFirst));
    this.clock = new RunClock(request);
    const { clock, meter, transcript } = this;
    this.report = new Report({ request, plan, clock, meter, transcript, bytesOf }, emit);
    this.pace = new Pace(request, plan, clock);
    this.patience = new Patience(request, plan);
  }

  async run(): Promise<DoneEvent> {
    const { recovery, turn } = this.request;
    let reason: FinishReason | null = this.start()?.reason ?? null;
    await turn?.take();
    for (;;) {
      try {
        reason = await this.write(reason);
        await this.sessions.match(this.canvas);
      } catch (error) {
        const lost = (await recovery?.reasonOf(error)) ?? null;
        if (lost === null) throw error;
        // Whole already: there is nothing to go on with.
        reason ??= await this.resume(lost);
      }
      if (reason) return this.report.done(reason);
    }
  }

  /** Tells of the start. A canvas that is complete already stops at once. */
  private start(): Stop | null {
    const { canvas } = this;
    const editor = new StepEditor(canvas);
    for (const { id, state } of [...canvas.slots()]) if (state === "draft") editor.delete(id);
    const stop = this.transcript.read(canvas, 0);
    if (stop) editor.trim(stop.length);
    this.report.start(stop !== null);
    return stop;
  }

  /** Pulls and applies steps until the run ends. What was pulled and not applied is dropped, also when this throws. */
  private async write(start: FinishReason | null): Promise<FinishReason> {
    const { request, canvas } = this;
    const { signal } = request;
    await this.sessions.prepare(canvas);
    const steps = request.decoder.run(this.makeRun());
    let reason = start;
    try {
      while (!reason) {
        await this.share();
        if (signal?.aborted) reason = "cancelled";
        else if (this.pace.numSteps >= (request.maxSteps ?? Number.POSITIVE_INFINITY)) reason = "length";
        else if (!this.isExhausted && this.pace.mayPull(this.pulled)) await this.pull(steps);
        else if (this.pulled.all.length > 0) reason = (await this.applyNext())?.reason ?? null;
        else reason = !this.plan.isInfill && canvas.length >= request.capabilities.maxLength ? "length" : "complete";
      }
      return reason;
    } finally {
      const dropped = this.pulled.drop();
      for (const { work } of dropped) this.meter.discard(work);
      await Promise.allSettled([steps.return(), ...dropped.map(({ value }) => value)]);
    }
  }

  /** Goes over to the sessions of a new device, with the canvas as it is. A run that is cancelled meanwhile ends so. */
  private async resume(lost: string): Promise<"cancelled" | null> {
    const { recovery, signal, turn } = this.request;
    this.report.recovering(lost);
    // What waits for a device shouldn't keep others from it.
    turn?.give();
    try {
      const sessions = await recovery?.renew();
      invariant(sessions, "a run without a recovery goes on");
      this.sessions = new LentSessions(sessions, this.plan.needs, this.request);
      await warmUp(this.request, this.plan, sessions);
    } catch (error) {
      if (signal?.aborted) return "cancelled";
      throw error;
    }
    await turn?.take();
    this.isExhausted = false;
    this.patience.reset();
    this.report.resumed();
    return null;
  }

  private makeRun(): Run {
    const { canvas, plan, request, sessions, meter, pace, report } = this;
    return {
      canvas,
      target: sessions.target,
      beside: sessions.beside,
      capabilities: request.capabilities,
      retokenizer: request.retokenizer ?? null,
      sampler: plan.sampler,
      options: plan.options,
      maxNewTokens: plan.maxNewTokens,
      get room() {
        return request.capabilities.maxLength - canvas.length;
      },
      get step() {
        return (request.step ?? 0) + pace.numSteps;
      },
      get stepsPerSync() {
        return pace.stepsPerSync;
      },
      later: (after, edits) => ({ after, edits: edits as Step["edits"] }),
      now: (edits) => ({ edits }),
      judged: (proposed, accepted) => meter.judged(proposed, accepted),
      figure: (name, value) => report.figure(name, value),
    };
  }

  /** Pauses for the event loop and gives the device to the next run, when it is time. */
  private async share(): Promise<void> {
    const { turn } = this.request;
    if (this.clock.isPauseDue) await this.clock.pause();
    if (turn && this.pulled.all.length === 0) {
      if (turn.isOver) turn.give();
      await turn.take();
    }
  }

  private async pull(steps: AsyncGenerator<Step, void, void>): Promise<void> {
    const { pulled, sessions } = this;
    const before = sessions.work();
    const result = await steps.next();
    if (result.done) {
      this.isExhausted = true;
      return;
    }
    const step = result.value;
    const work = workBetween(before, sessions.work());
    // What a step needs is known already: the decoder read it before it went on.
    if (!step.after && work.readbackBytes > 0) work.waits = 1;
    pulled.push(step, work);
    if (this.pace.isDue(pulled)) pulled.send();
  }

  /** Applies the oldest pulled step, looks for a stop and tidies, all in one event. */
  private async applyNext(): Promise<Stop | null> {
    const { pulled, canvas, pace } = this;
    // Nothing to wait with: the oldest is needed now, or no more will be pulled.
    if (pulled.isOldestUnsent || pulled.all.length < pace.lookahead) pulled.send();
    const [{ step, value, work }] = pulled.all;
    const result = await value;
    pulled.all.shift();
    const editor = new StepEditor(canvas);
    const { numFilled } = canvas;
    step.edits(editor, result);
    this.patience.check(editor.hasChanged, pace.numSteps);
    const stop = this.transcript.read(canvas, editor.changedFrom);
    if (stop) editor.trim(stop.length);
    pace.step(canvas.numFilled - numFilled);
    this.meter.step(work, editor.hasWritten ? this.report.numWritten : null, this.clock.times());
    this.report.step(editor, work, stop !== null);
    return stop;
  }
}
