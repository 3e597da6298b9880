import type { Capabilities } from "../../seam/capabilities.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import type { FinishReason, TokenId } from "../../vocabulary/events.js";
import { type BytesOf, type Cut, decodeBytes, firstShown } from "./pieces.js";
import type { Plan } from "./plan.js";
import { StopSearch } from "./stop-search.js";

/** Where and why a run stops. */
export interface Stop {
  reason: FinishReason;
  /** Slots to keep. */
  length: number;
}

/** When a run stops. */
export interface StopRules {
  endTokens: ReadonlySet<TokenId>;
  stopTexts: readonly string[];
  maxNewTokens: number;
  /** Longest canvas. */
  maxLength: number;
}

/** When a planned run stops. What is filled in ends where the holes do. */
export function stopRulesOf(
  { isInfill, stopTexts, maxNewTokens }: Pick<Plan, "isInfill" | "stopTexts" | "maxNewTokens">,
  { eosTokens, maxLength }: Pick<Capabilities, "eosTokens" | "maxLength">,
): StopRules {
  if (isInfill) return { endTokens: new Set(), stopTexts, maxNewTokens: Infinity, maxLength: Infinity };
  return { endTokens: new Set(eosTokens), stopTexts, maxNewTokens, maxLength };
}

/**
 * Reads the contiguous committed run of a canvas from the left, so it never sees past a mask or a draft. A stop text may
 * begin and end inside tokens: the slots up to the one in which it ends are kept, the text is cut before it. It is found in
 * the text that shows, and in the text with special tokens written out, which it may name: "<|im_end|>" or "</s>\n".
 */
export class Transcript {
  private readonly tokens: TokenId[] = [];
  private readonly shown: StopSearch;
  private readonly written: StopSearch;
  private textEnd: number | null = null;

  /** `bytesOf`: what shows of a token; `writtenOf`: special tokens, too. */
  constructor(
    private readonly rules: StopRules,
    private readonly bytesOf: BytesOf,
    private readonly writtenOf: BytesOf = bytesOf,
  ) {
    this.shown = new StopSearch(rules.stopTexts);
    this.written = new StopSearch(rules.stopTexts);
  }

  /** Reads on, given that no slot before index `from` changed. The leftmost stop, or null. */
  read(canvas: Canvas, from: number): Stop | null {
    const prompt = canvas.promptLength;
    const { endTokens, maxNewTokens, maxLength } = this.rules;
    if (maxNewTokens === 0) return { reason: "length", length: prompt };
    const first = Math.max(0, Math.min(this.tokens.length, from - prompt));
    this.tokens.length = this.shown.length = first;
    this.written.length = Math.min(first, this.written.length);
    const slots = canvas.slots();
    const end = canvas.committedEnd();
    const firstIndex = firstShown(canvas, this.bytesOf);
    for (let index = prompt + first; index < end; index++) {
      const token = slots[index].token as TokenId;
      this.tokens.push(token);
      this.shown.push(this.bytesOf(token, index === firstIndex));
      if (this.rules.stopTexts.length > 0) this.written.push(this.writtenOf(token, index === firstIndex));
      if (endTokens.has(token)) return { reason: "stop", length: index + 1 };
      this.textEnd = this.findStop();
      if (this.textEnd !== null) return { reason: "stop", length: index + 1 };
      if (index + 1 >= Math.min(prompt + maxNewTokens, maxLength)) return { reason: "length", length: index + 1 };
    }
    return null;
  }

  /** The text so far, cut before a stop text. */
  get text(): string {
    return decodeBytes(this.shown.bytes(this.textEnd ?? this.shown.byteLength));
  }

  /** Ids so far, without an end token. */
  get ids(): TokenId[] {
    return this.tokens.filter((token) => !this.rules.endTokens.has(token));
  }

  /** Where the shown text ends: before a stop text, or (unless `isFinal`) before what may still become one. */
  cut(promptLength: number, isFinal: boolean): Cut | null {
    const offset = this.textEnd ?? (isFinal ? this.shown.byteLength : this.heldFrom());
    const index = this.shown.entryAt(offset);
    return index < 0 ? null : { index: promptLength + index, byteOffset: offset - this.shown.byteStart(index) };
  }

  /** Where a stop text begins that ends in the last token; of two the first. */
  private findStop(): number | null {
    if (this.rules.stopTexts.length === 0) return null;
    const inShown = this.shown.findLast() ?? Number.POSITIVE_INFINITY;
    const inWritten = this.toShown(this.written.findLast()) ?? Number.POSITIVE_INFINITY;
    const start = Math.min(inShown, inWritten);
    return Number.isFinite(start) ? start : null;
  }

  /** Where the text is held back, since it may become a stop text. */
  private heldFrom(): number {
    const { shown, written } = this;
    const inWritten = written.byteLength - written.heldLength();
    return Math.min(shown.byteLength - shown.heldLength(), this.toShown(inWritten) ?? shown.byteLength);
  }

  /** The place of the shown text for one of the written; a special token shows nothing. */
  private toShown(offset: number | null): number | null {
    if (offset === null) return null;
    const index = this.written.entryAt(offset);
    if (index < 0) return this.shown.byteLength;
    const start = this.shown.byteStart(index);
    const isSpecial = this.shown.byteStart(index + 1) === start;
    return isSpecial ? start : start + (offset - this.written.byteStart(index));
  }
}
