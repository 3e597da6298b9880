import { type PreTrainedTokenizer, TextStreamer } from "@huggingface/transformers";
import { Meter, NO_WORK } from "../decode/engine/metrics.js";
import type { StepEvent, TokenId } from "../vocabulary/events.js";

/** One forward of one model, and nothing beside it. */
const NONE_BESIDE = { drafter: 0, judge: 0, guide: 0, joint: 0 };

/**
 * A step event for each token, as its `TextStreamer` gives text: whole words. A step waits for the next one, since the last words come with the
 * end; its times are those of its token.
 */
export class PeerStreamer extends TextStreamer {
  readonly ids: TokenId[] = [];
  text = "";
  readonly meter = new Meter();
  private readonly startMs = performance.now();
  private waiting: StepEvent | null = null;
  private written = "";

  /** `promptLength`: rows of the first forward. */
  constructor(
    tokenizer: PreTrainedTokenizer,
    private readonly promptLength: number,
    private readonly onStep: (step: StepEvent) => void,
  ) {
    super(tokenizer, {
      skip_prompt: true,
      callback_function: (text: string) => {
        this.written += text;
      },
      token_callback_function: ([token]: bigint[]) => this.take(Number(token)),
    });
  }

  /** Since the run began. */
  get elapsedMs(): number {
    return performance.now() - this.startMs;
  }

  override put(value: bigint[][]): void {
    super.put(value);
    this.tell();
  }

  override end(): void {
    super.end();
    this.tell();
    this.send();
  }

  private take(token: TokenId): void {
    this.send();
    const slot = this.ids.length;
    this.ids.push(token);
    const { elapsedMs } = this;
    const work = { ...NO_WORK, forwards: 1, rows: slot === 0 ? this.promptLength : 1 };
    this.meter.step({ ...work, ...NONE_BESIDE }, slot + 1, { elapsedMs, ownMs: elapsedMs });
    const after = slot === 0 ? null : slot - 1;
    const edits = [{ op: "insert", slot, after, token, state: "committed" } as const];
    this.waiting = { type: "step", seq: slot + 1, ...work, edits, pieces: [], elapsedMs, ownMs: elapsedMs };
  }

  /** Hands what was written to the step that is waiting. */
  private tell(): void {
    if (this.written === "" || !this.waiting) return;
    this.waiting.pieces.push({ slot: this.waiting.seq - 1, text: this.written });
    this.text += this.written;
    this.written = "";
  }

  private send(): void {
    if (this.waiting) this.onStep(this.waiting);
    this.waiting = null;
  }
}
