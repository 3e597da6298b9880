// Over 300 lines: one run from request to `done`, whose state every step shares.
import type { Beside, RunCompanions } from "../companion.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import { invariant, toWire } from "../../vocabulary/errors.js";
import type { DoneEvent, Edit, FinishReason, GenerationEvent, Role, TokenId } from "../../vocabulary/events.js";
import type { Session } from "../../seam/session.js";
import type { Needs, Run, Step } from "../decoder.js";
import { StepEditor } from "./editor.js";
import { lawOf } from "../law.js";
import { Meter, NO_WORK, type Work, workBetween, workOf } from "./metrics.js";
import { type BytesOf, Pieces, shownBytes } from "./pieces.js";
import { type GenerateRequest, type Plan, planRun, type RunSessions } from "./request.js";
import { PulledSteps } from "./pulled-steps.js";
import { pause } from "./scheduler.js";
import { type Stop, Transcript } from "./stop.js";

export type { GenerateRequest } from "./request.js";

/** Unread results at most: alone on a device, and shared. */
const LOOKAHEAD = { alone: 8, shared: 3 };
/** Results that travel together at most: fewer submits and maps, while two such groups are still under way. */
const MAX_STEPS_PER_SYNC = 4;
/** And no more than take this long, so that text still flows where a step is slow. */
const SYNC_MS = 50;
/** Steps in a row that any decoder may make without changing the canvas, as to look at it once more. */
const IDLE_STEPS = 64;
/** Return to the event loop at least this often (the contract is 20 ms; a step may take some of it). */
const PAUSE_MS = 12;

const NO_EDITS = { edits: [], pieces: [] };

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
    const forwards = request.decoder.usualForwards?.(plan.options);
    if (forwards) {
      const { sampler, canvas, maxNewTokens } = plan;
      const { target, draft, recovery } = request;
      const coming = { forwards, sampler, promptLength: canvas.promptLength, maxNewTokens, target, draft };
      await request.warmUp?.(coming).catch(async (error: unknown) => {
        // A device that is lost meanwhile is recovered once the run reads from it.
        if (((await recovery?.reasonOf(error)) ?? null) === null) throw error;
      });
    }
    return await new Engine(request, plan, emitNext).run();
  } catch (error) {
    emit({ type: "error", seq, ...toWire(error) });
    throw error;
  } finally {
    request.turn?.leave();
  }
}

/** What the sessions' caches hold: rows read causally are worth nothing to blocks, nor those of another block length. */
const readings = new WeakMap<Session, string>();

/** How a session is read: what was read otherwise is of no use. */
function readingOf({ block, blockOffset = 0, full }: Needs): string {
  if (block) return `blocks of ${block} from ${blockOffset}`;
  return full ? "full" : "causal";
}

/** Who plays which role in a run on these sessions. */
function companionsOf({ target, draft }: RunSessions, { needs }: Plan, request: GenerateRequest): RunCompanions {
  const played = Object.entries(needs.beside ?? {}).map(([role, companion]): [Role, Beside] => {
    if ("key" in companion) {
      return [role as Role, { session: target.beside(companion.key), capabilities: request.capabilities }];
    }
    invariant(draft && request.draftCapabilities, "a plan without its second model is refused");
    return [role as Role, { session: draft, capabilities: request.draftCapabilities }];
  });
  return Object.fromEntries(played);
}

class Engine {
  private readonly canvas: Canvas;
  /** Those of the request, until a lost device takes them along. */
  private sessions: RunSessions;
  private beside: RunCompanions;
  private readonly transcript: Transcript;
  private readonly pieces: Pieces;
  private readonly meter = new Meter();
  private readonly clock: () => number;
  private readonly startMs: number;
  private readonly pulled = new PulledSteps(() => this.work());
  private seq = 0;
  private numSteps = 0;
  /** Since the canvas changed. */
  private numIdle = 0;
  private isExhausted = false;
  private pausedAtMs: number;
  private numCommitted = 0;
  /** Tokens that the canvas had when the run began. */
  private readonly numGiven: number;

  constructor(
    private readonly request: GenerateRequest,
    private readonly plan: Plan,
    private readonly emit: (event: GenerationEvent) => void,
  ) {
    const { capabilities, tokenizer } = request;
    this.sessions = request;
    this.beside = companionsOf(request, plan, request);
    this.canvas = plan.canvas;
    this.numGiven = plan.canvas.numFilled;
    const endTokens = new Set(capabilities.eosTokens);
    const bytesOf = shownBytes(tokenizer, endTokens);
    const { stopTexts, maxNewTokens } = plan;
    const rules = { endTokens, stopTexts, maxNewTokens, maxLength: capabilities.maxLength };
    // What is filled in ends where the holes do.
    const endless = { endTokens: new Set<TokenId>(), stopTexts, maxNewTokens: Infinity, maxLength: Infinity };
    const writtenOf: BytesOf = (token, isFirst) => tokenizer.bytes(token, isFirst);
    this.transcript = new Transcript(plan.isInfill ? endless : rules, bytesOf, writtenOf);
    this.pieces = new Pieces(bytesOf);
    this.clock = request.clock ?? (() => performance.now());
    this.startMs = this.pausedAtMs = this.clock();
  }

  async run(): Promise<DoneEvent> {
    const { recovery, turn } = this.request;
    let reason: FinishReason | null = this.start()?.reason ?? null;
    await turn?.take();
    for (;;) {
      try {
        reason = await this.write(reason);
        await this.matchSessions();
      } catch (error) {
        const lost = (await recovery?.reasonOf(error)) ?? null;
        if (lost === null) throw error;
        // Whole already: there is nothing to go on with.
        reason ??= await this.resume(lost);
      }
      if (reason) return this.finish(reason);
    }
  }

  /** Pulls and applies steps until the run ends. What was pulled and not applied is dropped, also when this throws. */
  private async write(start: FinishReason | null): Promise<FinishReason> {
    const { request, canvas } = this;
    const { signal } = request;
    await this.prepareSessions();
    const steps = request.decoder.run(this.makeRun());
    let reason = start;
    try {
      while (!reason) {
        await this.share();
        if (signal?.aborted) reason = "cancelled";
        else if (this.numSteps >= (request.maxSteps ?? Number.POSITIVE_INFINITY)) reason = "length";
        else if (this.mayPull()) await this.pull(steps);
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
    this.emit({ type: "recovering", seq: this.seq++, reason: lost, ...NO_EDITS, ...this.times() });
    // What waits for a device shouldn't keep others from it.
    turn?.give();
    try {
      const sessions = await recovery?.renew();
      invariant(sessions, "a run without a recovery goes on");
      this.sessions = sessions;
      this.beside = companionsOf(sessions, this.plan, this.request);
    } catch (error) {
      if (signal?.aborted) return "cancelled";
      throw error;
    }
    await turn?.take();
    this.isExhausted = false;
    this.numIdle = 0;
    this.emit({ type: "resumed", seq: this.seq++, ...NO_EDITS, ...this.times() });
    return null;
  }

  /** Sessions may hold another text, or this one read another way: keep what is of use. */
  private async prepareSessions(): Promise<void> {
    const { needs } = this.plan;
    await this.readAs(this.sessions.target, readingOf(needs));
    for (const [role, { session }] of this.companions()) {
      const companion = needs.beside?.[role];
      await this.readAs(session, readingOf({ block: companion && "model" in companion ? companion.block : undefined }));
    }
    await this.matchSessions();
  }

  /** What the session holds is of use if it was read this way. */
  private async readAs(session: Session, reading: string): Promise<void> {
    await session.settle();
    if ((readings.get(session) ?? reading) !== reading) session.truncate(0);
    readings.set(session, reading);
  }

  private companions(): [Role, Beside][] {
    return Object.entries(this.beside) as [Role, Beside][];
  }

  /** Cuts the sessions to what the canvas holds, less one: the last token is always there to be fed. */
  private async matchSessions(): Promise<void> {
    const ids = this.canvas.committedIds().slice(0, this.canvas.length - 1);
    const { needs } = this.plan;
    const sessions = [this.sessions.target];
    for (const [role, { session }] of this.companions()) {
      const companion = needs.beside?.[role];
      // What holds other ids, or not the same ones at the same place, is for who reads it to match.
      const isApart = companion && ("model" in companion ? companion.isRetokenized : companion.isApart);
      if (!isApart) sessions.push(session);
    }
    for (const session of sessions) {
      await session.settle();
      session.match(ids);
    }
  }

  /** Emits `start`. A canvas that is complete already stops at once. */
  private start(): Stop | null {
    const { canvas, plan, request } = this;
    const editor = new StepEditor(canvas);
    for (const { id, state } of [...canvas.slots()]) if (state === "draft") editor.delete(id);
    const stop = this.transcript.read(canvas, 0);
    if (stop) editor.trim(stop.length);
    const { capabilities, decoder } = request;
    const { options, maxNewTokens } = plan;
    const claim = decoder.claim({ canvas, capabilities, maxNewTokens, options });
    const boundNats = decoder.boundNats?.(options) ?? undefined;
    this.emit({
      type: "start",
      seq: this.seq++,
      decoder: request.decoder.name,
      label: request.decoder.label,
      fidelity: claim.fidelity,
      law: lawOf(claim, { target: capabilities, draft: request.draftCapabilities ?? null, options }),
      ...(boundNats === undefined ? {} : { boundNats }),
      options: { ...plan.options },
      edits: canvas.slots().map(({ id, token, state, logprob }, index, slots): Edit => {
        const insert = {
          op: "insert",
          slot: id,
          after: index === 0 ? null : slots[index - 1].id,
          token,
          state,
        } as const;
        return logprob === undefined ? insert : { ...insert, logprob };
      }),
      pieces: this.updatePieces(0, stop !== null),
    });
    return stop;
  }

  private makeRun(): Run {
    const { canvas, plan, request, sessions, meter } = this;
    const engine = this;
    return {
      canvas,
      target: sessions.target,
      beside: this.beside,
      capabilities: request.capabilities,
      retokenizer: request.retokenizer ?? null,
      sampler: plan.sampler,
      options: plan.options,
      maxNewTokens: plan.maxNewTokens,
      get room() {
        return request.capabilities.maxLength - canvas.length;
      },
      get step() {
        return (request.step ?? 0) + engine.numSteps;
      },
      get stepsPerSync() {
        return engine.stepsPerSync;
      },
      later: (after, edits) => ({ after, edits: edits as Step["edits"] }),
      now: (edits) => ({ edits }),
      judged: (proposed, accepted) => meter.judged(proposed, accepted),
    };
  }

  /** Pauses for the event loop and gives the device to the next run, when it is time. */
  private async share(): Promise<void> {
    const { turn } = this.request;
    if (this.clock() - this.pausedAtMs >= PAUSE_MS) {
      await (this.request.pause ?? pause)();
      this.pausedAtMs = this.clock();
    }
    if (turn && this.pulled.all.length === 0) {
      if (turn.isOver) turn.give();
      await turn.take();
    }
  }

  /**
   * Ahead by unread results, not by time: results are awaited only when the queue is full, so a run does the same work
   * however late they arrive. Near the end only as far as the steps so far would need.
   */
  private mayPull(): boolean {
    const { request } = this;
    const { all } = this.pulled;
    if (this.isExhausted) return false;
    if (all.length === 0) return true;
    // Text doesn't wait for results that lie behind what the decoder has read already.
    if (!all[all.length - 1].step.after || all[0].step.isKnown || request.turn?.isOver) return false;
    const { promptLength, numFilled } = this.canvas;
    const end = Math.min(promptLength + this.plan.maxNewTokens, request.capabilities.maxLength);
    const tokensPerStep = this.numSteps > 0 ? this.numCommitted / this.numSteps : 1;
    return all.length < this.lookahead && all.length * Math.max(1, tokensPerStep) < end - numFilled;
  }

  private get lookahead(): number {
    const { lookahead, turn } = this.request;
    return lookahead ?? (turn?.isShared ? LOOKAHEAD.shared : LOOKAHEAD.alone);
  }

  private async pull(steps: AsyncGenerator<Step, void, void>): Promise<void> {
    const before = this.work();
    const result = await steps.next();
    if (result.done) {
      this.isExhausted = true;
      return;
    }
    const step = result.value;
    const { pulled } = this;
    const work = workBetween(before, this.work());
    // What a step needs is known already: the decoder read it before it went on.
    if (!step.after && work.readbackBytes > 0) work.waits = 1;
    pulled.push(step, work);
    // The first result never waits for others.
    const isFirst = this.numSteps === 0 && pulled.all.length === 1;
    if (isFirst || pulled.numUnsent >= Math.min(this.stepsPerSync, this.lookahead / 2)) pulled.send();
  }

  private get stepsPerSync(): number {
    const { stepsPerSync } = this.request;
    if (stepsPerSync !== undefined) return stepsPerSync;
    return Math.min(MAX_STEPS_PER_SYNC, (SYNC_MS * this.numSteps) / this.times().ownMs);
  }

  private work(): Work {
    return workOf(this.sessions.target.counts, this.beside);
  }

  /** Applies the oldest pulled step, looks for a stop and tidies, all in one event. */
  private async applyNext(): Promise<Stop | null> {
    const { pulled } = this;
    // Nothing to wait with: the oldest is needed now, or no more will be pulled.
    if (pulled.isOldestUnsent || pulled.all.length < this.lookahead) pulled.send();
    const [{ step, value, work }] = pulled.all;
    const result = await value;
    pulled.all.shift();
    const editor = new StepEditor(this.canvas);
    const { numFilled } = this.canvas;
    step.edits(editor, result);
    this.checkProgress(editor);
    const stop = this.transcript.read(this.canvas, editor.changedFrom);
    if (stop) editor.trim(stop.length);
    this.numSteps++;
    this.numCommitted += this.canvas.numFilled - numFilled;
    this.meter.step(work, editor.hasWritten ? this.canvas.numFilled - this.numGiven : null, this.times());
    this.emitStep(editor, work, stop !== null);
    return stop;
  }

  /** No run is endless: what a decoder does next follows from the canvas, so that it would do the same again. */
  private checkProgress({ hasChanged }: StepEditor): void {
    const { decoder, capabilities } = this.request;
    const { options, maxNewTokens } = this.plan;
    const patience = IDLE_STEPS + (decoder.idleSteps?.(options) ?? 0);
    this.numIdle = hasChanged ? 0 : this.numIdle + 1;
    invariant(this.numIdle <= patience, `${decoder.name} made ${this.numIdle} steps that changed nothing`);
    const most = (Math.min(maxNewTokens, capabilities.maxLength) + 1) * patience;
    invariant(this.numSteps < most, `${decoder.name} goes in circles: ${most} steps for ${maxNewTokens} tokens`);
  }

  private emitStep(editor: StepEditor, work: Work, isFinal: boolean): void {
    const pieces = editor.passing.filter(({ token }) => token !== null).map((slot) => this.pieces.passing(slot));
    pieces.push(...this.updatePieces(editor.changedFrom, isFinal));
    const { forwards, rows, draftForwards, waits, dispatches, readbackBytes } = work;
    const counts = { forwards, rows, draftForwards, waits, dispatches, readbackBytes };
    this.emit({ type: "step", seq: this.seq++, edits: editor.edits, pieces, ...counts, ...this.times() });
  }

  private updatePieces(from: number, isFinal: boolean) {
    return this.pieces.update(this.canvas, from, this.transcript.cut(this.canvas.promptLength, isFinal), isFinal);
  }

  private finish(reason: FinishReason): DoneEvent {
    const editor = new StepEditor(this.canvas);
    const pieces = this.updatePieces(this.canvas.length, true);
    const { elapsedMs, ownMs } = this.times();
    if (pieces.length > 0) {
      this.emit({ type: "step", seq: this.seq++, edits: editor.edits, pieces, ...NO_WORK, elapsedMs, ownMs });
    }
    const { ids, text } = this.transcript;
    const { promptLength } = this.canvas;
    const numBehind = this.canvas.slots().filter(({ state }, i) => state === "prompt" && i >= promptLength).length;
    const tokens = ids.length - numBehind;
    const promptTokens = promptLength + numBehind;
    // A canvas that a run goes on from holds some already.
    const written = Math.max(0, tokens - (this.numGiven - promptTokens));
    const metrics = this.meter.finish({ promptTokens, tokens, written, elapsedMs, ownMs });
    const done: DoneEvent = { type: "done", seq: this.seq++, reason, text, ids, metrics };
    this.emit(done);
    return done;
  }

  private times(): { elapsedMs: number; ownMs: number } {
    const elapsedMs = this.clock() - this.startMs;
    return { elapsedMs, ownMs: this.request.turn?.ownMs ?? elapsedMs };
  }
}
