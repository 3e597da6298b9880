import { ModelLoadError } from "../../vocabulary/errors.js";

/** Thrown where what was read of a file ends before its header does: more must be read, up to `end`. */
export class NeedsMore {
  constructor(readonly end: number) {}
}

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads little-endian values in a row from the start of a file. A length is held against the file before anything is made for it: past the
 * file's end is a `ModelLoadError` that names the place, past what was read of it is a `NeedsMore`.
 */
export class ByteReader {
  /** The byte that is read next. */
  at = 0;
  /** What is being read, for messages. */
  place = "its start";
  private readonly view: DataView;

  /** `bytes`: the first of a file of `fileLength`. */
  constructor(
    private readonly bytes: Uint8Array<ArrayBuffer>,
    private readonly fileLength: number,
    private readonly label: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for a file that isn't as its format says. */
  damaged(what: string): ModelLoadError {
    return new ModelLoadError(`${this.label} is damaged at ${this.place}: ${what}. Load it again.`, "damaged_file");
  }

  u8 = () => this.view.getUint8(this.take(1));
  i8 = () => this.view.getInt8(this.take(1));
  u16 = () => this.view.getUint16(this.take(2), true);
  i16 = () => this.view.getInt16(this.take(2), true);
  u32 = () => this.view.getUint32(this.take(4), true);
  i32 = () => this.view.getInt32(this.take(4), true);
  f32 = () => shortest(this.view.getFloat32(this.take(4), true));
  f64 = () => this.view.getFloat64(this.take(8), true);
  u64 = () => Number(this.view.getBigUint64(this.take(8), true));
  i64 = () => Number(this.view.getBigInt64(this.take(8), true));

  /** A length that so many bytes for each must follow. */
  count(what: string, bytesEach: number): number {
    const count = this.u64();
    const left = this.fileLength - this.at;
    if (count * bytesEach > left) throw this.damaged(`it claims ${count} ${what}, but only ${left} bytes follow`);
    return count;
  }

  text(): string {
    const length = this.count("bytes of text", 1);
    const begin = this.take(length);
    return UTF8.decode(this.bytes.subarray(begin, begin + length));
  }

  /** The next bytes, in a buffer of their own. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const begin = this.take(length);
    return this.bytes.slice(begin, begin + length);
  }

  private take(length: number): number {
    const begin = this.at;
    const end = begin + length;
    if (end > this.fileLength)
      throw this.damaged(`the file ends at byte ${this.fileLength}, and ${length} bytes from ${begin} on are read`);
    if (end > this.bytes.length) throw new NeedsMore(end);
    this.at = end;
    return begin;
  }
}

/** The shortest decimal that a 32-bit number is: 0.00001 as someone wrote it, not 0.000009999999747. */
export function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
