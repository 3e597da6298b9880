import { readPart, type Store, type PartWriter, writePart } from "./store.js";

/** What is known of a file beside its bytes. */
export interface About {
  byteLength: number | null;
  /** ETag or date by which the server tells one content from another; null where it doesn't. */
  validator: string | null;
  /** All of it is there, and it is what it should be. */
  isWhole: boolean;
}

/** A run of a file's bytes, as a part of its folder. */
export interface Part {
  begin: number;
  byteLength: number;
}

const ABOUT = "about";
const nameOf = (begin: number) => String(begin).padStart(15, "0");

/** The bytes of one file in a store, from its first one up to some length, in parts that are named by where they begin. */
export class StoredFile {
  about: About | null = null;
  /** Bytes that can be read. */
  availableBytes = 0;
  private parts: Part[] = [];
  private open: { writer: PartWriter; byteLength: number } | null = null;

  constructor(
    private readonly store: Store,
    readonly id: string,
  ) {}

  /** Bytes that have been added, those that can't be read yet among them. */
  get byteLength(): number {
    return this.availableBytes + (this.open?.byteLength ?? 0);
  }

  /** Looks what is there; while another writes (`isSole` is false), all but the part that may be the one it writes. */
  async look(isSole: boolean): Promise<void> {
    const about = (await readPart(this.store, this.id, ABOUT)) as About | null;
    const sizes = await this.store.parts(this.id);
    sizes.delete(ABOUT);
    const found = [...sizes].map(([name, byteLength]) => ({ begin: Number(name), byteLength }));
    found.sort((a, b) => a.begin - b.begin);
    if (!isSole && !about?.isWhole) found.pop();
    this.about = about;
    this.parts = [];
    this.availableBytes = 0;
    for (const part of about ? found : []) this.know(part);
  }

  /** Takes a part that another has written; says whether it was the next one. */
  know(part: Part): boolean {
    if (part.begin !== this.availableBytes) return false;
    if (part.byteLength > 0) this.parts.push(part);
    this.availableBytes += part.byteLength;
    return true;
  }

  /** Writes down what is known of the file. */
  async tell(about: About): Promise<void> {
    this.about = about;
    await writePart(this.store, this.id, ABOUT, about);
  }

  /** Adds bytes behind the last one; says which parts were closed, so that they can be read. */
  async add(bytes: Uint8Array): Promise<Part[]> {
    const closed: Part[] = [];
    for (let begin = 0; begin < bytes.length; ) {
      this.open ??= { writer: await this.store.write(this.id, nameOf(this.availableBytes)), byteLength: 0 };
      const piece = bytes.subarray(begin, begin + this.store.partBytes - this.open.byteLength);
      await this.open.writer.write(piece);
      this.open.byteLength += piece.length;
      begin += piece.length;
      if (this.open.byteLength === this.store.partBytes) closed.push(...(await this.cut()));
    }
    return closed;
  }

  /** Closes the part that is being written; what it held can be read then. */
  async cut(): Promise<Part[]> {
    const { open } = this;
    if (!open) return [];
    this.open = null;
    await open.writer.close();
    const part = { begin: this.availableBytes, byteLength: open.byteLength };
    this.know(part);
    return [part];
  }

  /** Bytes that are available, from `begin` up to `end`. */
  async read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(end - begin);
    for (let i = this.partAt(begin); i < this.parts.length && this.parts[i].begin < end; i++) {
      const part = this.parts[i];
      const from = Math.max(begin, part.begin);
      const to = Math.min(end, part.begin + part.byteLength);
      out.set(await this.store.read(this.id, nameOf(part.begin), from - part.begin, to - part.begin), from - begin);
    }
    return out;
  }

  /** Forgets all of it. */
  async clear(): Promise<void> {
    const { open } = this;
    this.open = null;
    this.about = null;
    this.parts = [];
    this.availableBytes = 0;
    await open?.writer.close();
    await this.store.remove(this.id);
  }

  /** The part that holds a byte. */
  private partAt(position: number): number {
    let low = 0;
    for (let high = this.parts.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle].begin <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
