import type { Canvas, Slot } from "../../vocabulary/canvas.js";
import type { Piece, SlotId, TokenId } from "../../vocabulary/events.js";

/** What the engine needs of a tokenizer. */
export interface TokenText {
  /** The UTF-8 bytes a token adds to a text; perhaps a part of a character. `isFirst`: nothing that shows stands before it. */
  bytes(id: TokenId, isFirst?: boolean): Uint8Array;
  /** A token that adds nothing to the text. */
  isSpecial(id: TokenId): boolean;
}

/** From this byte of this slot on, the text of the committed run is cut off or held back. */
export interface Cut {
  index: number;
  byteOffset: number;
}

const EMPTY = new Uint8Array();
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of bytes; what isn't UTF-8 becomes U+FFFD. */
export function decodeBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? "" : UTF8.decode(bytes);
}

/** Bytes that a token shows; `isFirst` when nothing shows before it. */
export type BytesOf = (token: TokenId, isFirst: boolean) => Uint8Array;

/** Bytes that a token shows: none for special and end tokens. */
export function shownBytes(text: TokenText, endTokens: ReadonlySet<TokenId>): BytesOf {
  return (token, isFirst) => (endTokens.has(token) || text.isSpecial(token) ? EMPTY : text.bytes(token, isFirst));
}

/** Index of the slot that begins the text, where some tokenizers' leading space goes; -1 while that is open. */
export function firstShown(canvas: Canvas, bytesOf: BytesOf): number {
  const slots = canvas.slots();
  const index = slots.findIndex(({ token }) => token === null || bytesOf(token, false).length > 0);
  return index >= 0 && slots[index].token === null ? -1 : index;
}

/**
 * Keeps the text that each slot of a canvas shows, and tells what changed. A character that spans tokens shows at the
 * last of them. The texts of the committed run, joined, are its text up to the cut.
 */
export class Pieces {
  private readonly shown = new Map<SlotId, string>();
  /** Bytes of a character that is incomplete after this slot. */
  private readonly tails = new Map<SlotId, Uint8Array>();
  private heldFrom = Number.POSITIVE_INFINITY;

  constructor(private readonly bytesOf: BytesOf) {}

  /** Slots whose text changed since the last call, given that no slot before index `from` did. `isFinal`: hold nothing back. */
  update(canvas: Canvas, from: number, cut: Cut | null, isFinal: boolean): Piece[] {
    const slots = canvas.slots();
    const end = canvas.committedEnd();
    const first = firstShown(canvas, this.bytesOf);
    // A step may change nothing.
    const start = Math.max(0, Math.min(from, this.heldFrom, isFinal ? end - 1 : from, slots.length));
    this.heldFrom = cut && !isFinal ? cut.index : Number.POSITIVE_INFINITY;
    const pieces: Piece[] = [];
    let tail: Uint8Array | null = EMPTY;
    if (start > 0) tail = slots[start - 1].token === null ? null : (this.tails.get(slots[start - 1].id) ?? EMPTY);
    for (let index = start; index < slots.length; index++) {
      const slot = slots[index];
      let text = "";
      if (slot.token === null) {
        tail = null;
      } else if (cut && index >= cut.index && index < end) {
        const bytes = join(tail, this.bytesOf(slot.token, index === first));
        const keptTail = tail?.length ?? 0;
        if (index === cut.index) text = decodeBytes(bytes.subarray(0, keptTail + cut.byteOffset));
        tail = bytes.subarray(bytes.length - incompleteLength(bytes));
      } else {
        const isLast = index === canvas.promptLength - 1 || (isFinal && index === end - 1);
        const bytes = join(tail, this.bytesOf(slot.token, index === first));
        const tailLength: number = isLast ? 0 : incompleteLength(bytes);
        text = decodeBytes(bytes.subarray(0, bytes.length - tailLength));
        tail = bytes.subarray(bytes.length - tailLength);
      }
      if (tail) this.tails.set(slot.id, tail);
      if ((this.shown.get(slot.id) ?? "") !== text) {
        this.shown.set(slot.id, text);
        pieces.push({ slot: slot.id, text });
      }
    }
    return pieces;
  }

  /** Text of a slot that came and went within one step, on its own. */
  passing(slot: Slot): Piece {
    const bytes = slot.token === null ? EMPTY : join(null, this.bytesOf(slot.token, false));
    return { slot: slot.id, text: decodeBytes(bytes.subarray(0, bytes.length - incompleteLength(bytes))) };
  }
}

/** `tail` null: nobody knows what stands before, so bytes that end a character of it are left out. */
function join(tail: Uint8Array | null, bytes: Uint8Array): Uint8Array {
  if (tail === null) {
    let start = 0;
    while (start < 3 && start < bytes.length && isContinuation(bytes[start])) start++;
    return bytes.subarray(start);
  }
  if (tail.length === 0) return bytes;
  const joined = new Uint8Array(tail.length + bytes.length);
  joined.set(tail);
  joined.set(bytes, tail.length);
  return joined;
}

/** Length of the unfinished character at the end; 0 when there is none. */
function incompleteLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const lead = bytes[bytes.length - length];
    if (isContinuation(lead)) continue;
    const width =
      lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 1;
    return length < width ? length : 0;
  }
  return 0;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
