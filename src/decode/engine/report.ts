import type { Canvas } from "../../vocabulary/canvas.js";
import { invariant } from "../../vocabulary/errors.js";
import type { DoneEvent, Edit, FigureInfo, FinishReason, GenerationEvent } from "../../vocabulary/events.js";
import { lawOf } from "../law.js";
import { StepEditor } from "./editor.js";
import { type Meter, NO_WORK, type Work } from "./metrics.js";
import { type BytesOf, Pieces } from "./pieces.js";
import type { Plan } from "./plan.js";
import type { GenerateRequest } from "./request.js";
import type { RunClock } from "./run-clock.js";
import type { Transcript } from "./stop.js";

const NO_EDITS = { edits: [], pieces: [] };

/** What a run tells of: the parts that it writes with. */
export interface Reported {
  request: GenerateRequest;
  plan: Plan;
  clock: RunClock;
  meter: Meter;
  transcript: Transcript;
  bytesOf: BytesOf;
}

/** Tells of a run by its events, numbered from 0 on, with the text that shows. */
export class Report {
  private seq = 0;
  private readonly canvas: Canvas;
  private readonly pieces: Pieces;
  /** Tokens that the canvas had when the run began. */
  private readonly numGiven: number;
  /** Figures of the text by name: what they are called, and those of the step that is being applied. */
  private readonly figures: Readonly<Record<string, FigureInfo>>;
  private reported: Record<string, number> = {};

  constructor(
    private readonly of: Reported,
    private readonly emit: (event: GenerationEvent) => void,
  ) {
    this.canvas = of.plan.canvas;
    this.numGiven = this.canvas.numFilled;
    this.pieces = new Pieces(of.bytesOf);
    this.figures = of.request.decoder.figures?.(of.plan.options) ?? {};
  }

  /** Tokens that the run has written so far. */
  get numWritten(): number {
    return this.canvas.numFilled - this.numGiven;
  }

  /** The run begins, with the canvas as it is. `isFinal`: and has nothing to write. */
  start(isFinal: boolean): void {
    const { canvas } = this;
    const { request, plan } = this.of;
    const { capabilities, decoder } = request;
    const { options, maxNewTokens } = plan;
    const claim = decoder.claim({ canvas, capabilities, maxNewTokens, options });
    const boundNats = decoder.boundNats?.(options) ?? undefined;
    this.emit({
      type: "start",
      seq: this.seq++,
      decoder: decoder.name,
      label: decoder.label,
      fidelity: claim.fidelity,
      law: lawOf(claim, { target: capabilities, draft: request.draftCapabilities ?? null, options }),
      ...(boundNats === undefined ? {} : { boundNats }),
      ...(hasAny(this.figures) ? { figures: this.figures } : {}),
      options: { ...options },
      edits: insertionsOf(canvas),
      pieces: this.updatePieces(0, isFinal),
    });
  }

  /** A figure of the text as the step leaves it that is being applied. */
  figure(name: string, value: number): void {
    invariant(name in this.figures, `${this.of.request.decoder.name} reports no ${name}`);
    this.reported[name] = value;
  }

  /** A step was applied. `isFinal`: nothing follows. */
  step(editor: StepEditor, work: Work, isFinal: boolean): void {
    const pieces = editor.passing.filter(({ token }) => token !== null).map((slot) => this.pieces.passing(slot));
    pieces.push(...this.updatePieces(editor.changedFrom, isFinal));
    const { forwards, rows, draftForwards, waits, dispatches, readbackBytes } = work;
    const counts = { forwards, rows, draftForwards, waits, dispatches, readbackBytes };
    const { clock, meter } = this.of;
    const figures = hasAny(this.reported) ? { figures: this.reported } : {};
    meter.report(this.reported);
    this.reported = {};
    this.emit({ type: "step", seq: this.seq++, edits: editor.edits, pieces, ...counts, ...clock.times(), ...figures });
  }

  /** The device was lost. */
  recovering(reason: string): void {
    this.emit({ type: "recovering", seq: this.seq++, reason, ...NO_EDITS, ...this.of.clock.times() });
  }

  /** The run goes on, on another device. */
  resumed(): void {
    this.emit({ type: "resumed", seq: this.seq++, ...NO_EDITS, ...this.of.clock.times() });
  }

  /** The run is over. Text that was held back is told first. */
  done(reason: FinishReason): DoneEvent {
    const editor = new StepEditor(this.canvas);
    const pieces = this.updatePieces(this.canvas.length, true);
    const { elapsedMs, ownMs } = this.of.clock.times();
    if (pieces.length > 0) {
      this.emit({ type: "step", seq: this.seq++, edits: editor.edits, pieces, ...NO_WORK, elapsedMs, ownMs });
    }
    const { ids, text } = this.of.transcript;
    const { promptLength } = this.canvas;
    const numBehind = this.canvas.slots().filter(({ state }, i) => state === "prompt" && i >= promptLength).length;
    const tokens = ids.length - numBehind;
    const promptTokens = promptLength + numBehind;
    // A canvas that a run goes on from holds some already.
    const written = Math.max(0, tokens - (this.numGiven - promptTokens));
    const metrics = this.of.meter.finish({ promptTokens, tokens, written, elapsedMs, ownMs });
    const done: DoneEvent = { type: "done", seq: this.seq++, reason, text, ids, metrics };
    this.emit(done);
    return done;
  }

  private updatePieces(from: number, isFinal: boolean) {
    const cut = this.of.transcript.cut(this.canvas.promptLength, isFinal);
    return this.pieces.update(this.canvas, from, cut, isFinal);
  }
}

function hasAny(record: object): boolean {
  return Object.keys(record).length > 0;
}

/** The edits that make an empty canvas this one. */
function insertionsOf(canvas: Canvas): Edit[] {
  return canvas.slots().map(({ id, token, state, logprob }, index, slots): Edit => {
    const after = index === 0 ? null : slots[index - 1].id;
    const insert = { op: "insert", slot: id, after, token, state } as const;
    return logprob === undefined ? insert : { ...insert, logprob };
  });
}
