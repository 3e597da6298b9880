import type { Canvas } from "../canvas.js";
import type { FinishReason, TokenId } from "../events.js";
import { type BytesOf, type Cut, decodeBytes, firstShown } from "./pieces.js";

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

interface Entry {
  token: TokenId;
  byteEnd: number;
}

/**
 * Reads the contiguous committed run of a canvas from the left, so it never sees past a mask or a draft. A stop text may
 * begin and end inside tokens: the slots up to the one in which it ends are kept, the text is cut before it.
 */
export class Transcript {
  private readonly entries: Entry[] = [];
  private readonly stops: Uint8Array[];
  private readonly longestStop: number;
  private bytes = new Uint8Array(256);
  private textEnd: number | null = null;

  constructor(
    private readonly rules: StopRules,
    private readonly bytesOf: BytesOf,
  ) {
    this.stops = rules.stopTexts.map((text) => new TextEncoder().encode(text));
    this.longestStop = Math.max(0, ...this.stops.map(({ length }) => length));
  }

  /** Reads on, given that no slot before index `from` changed. The leftmost stop, or null. */
  read(canvas: Canvas, from: number): Stop | null {
    const prompt = canvas.promptLength;
    const { endTokens, maxNewTokens, maxLength } = this.rules;
    if (maxNewTokens === 0) return { reason: "length", length: prompt };
    const first = Math.max(0, Math.min(this.entries.length, from - prompt));
    this.entries.length = first;
    const slots = canvas.slots();
    const end = canvas.committedEnd();
    const firstIndex = firstShown(canvas, this.bytesOf);
    for (let index = prompt + first; index < end; index++) {
      const token = slots[index].token as TokenId;
      this.push(token, index === firstIndex);
      if (endTokens.has(token)) return { reason: "stop", length: index + 1 };
      this.textEnd = this.findStop(this.entries.length - 1);
      if (this.textEnd !== null) return { reason: "stop", length: index + 1 };
      if (index + 1 >= Math.min(prompt + maxNewTokens, maxLength)) return { reason: "length", length: index + 1 };
    }
    return null;
  }

  /** The text so far, cut before a stop text. */
  get text(): string {
    return decodeBytes(this.bytes.subarray(0, this.textEnd ?? this.byteLength));
  }

  /** Ids so far, without an end token. */
  get ids(): TokenId[] {
    return this.entries.map(({ token }) => token).filter((token) => !this.rules.endTokens.has(token));
  }

  /** Where the shown text ends: before a stop text, or (unless `isFinal`) before what may still become one. */
  cut(promptLength: number, isFinal: boolean): Cut | null {
    const offset = this.textEnd ?? this.byteLength - (isFinal ? 0 : this.heldLength());
    const index = this.entries.findIndex(({ byteEnd }) => byteEnd > offset);
    return index < 0 ? null : { index: promptLength + index, byteOffset: offset - this.byteStart(index) };
  }

  private get byteLength(): number {
    return this.byteStart(this.entries.length);
  }

  private byteStart(index: number): number {
    return index === 0 ? 0 : this.entries[index - 1].byteEnd;
  }

  private push(token: TokenId, isFirst: boolean): void {
    const bytes = this.bytesOf(token, isFirst);
    const start = this.byteLength;
    if (start + bytes.length > this.bytes.length) {
      const longer = new Uint8Array((start + bytes.length) * 2);
      longer.set(this.bytes.subarray(0, start));
      this.bytes = longer;
    }
    this.bytes.set(bytes, start);
    this.entries.push({ token, byteEnd: start + bytes.length });
  }

  /** Start of the stop text that ends first within this entry; of several that end there, the longest. */
  private findStop(index: number): number | null {
    for (let end = this.byteStart(index) + 1; end <= this.entries[index].byteEnd; end++) {
      const starts = this.stops
        .filter((stop) => this.endsWith(stop, stop.length, end))
        .map(({ length }) => end - length);
      if (starts.length > 0) return Math.min(...starts);
    }
    return null;
  }

  /** Length of the longest end of the text that a stop text begins with. */
  private heldLength(): number {
    const end = this.byteLength;
    for (let length = Math.min(this.longestStop - 1, end); length > 0; length--) {
      if (this.stops.some((stop) => length < stop.length && this.endsWith(stop, length, end))) return length;
    }
    return 0;
  }

  private endsWith(stop: Uint8Array, length: number, end: number): boolean {
    const start = end - length;
    if (start < 0) return false;
    for (let i = 0; i < length; i++) if (this.bytes[start + i] !== stop[i]) return false;
    return true;
  }
}
