import { invariant } from "../vocabulary/errors.js";
import { type RawTensor, readHeader, type SafetensorsHeader, type StoredTensor } from "./safetensors.js";
import type { CheckpointReading, ModelSource, SourceFile } from "./source.js";
import { byteLengthOf, type Checkpoint, type Rows, type Tensor } from "./tensor.js";

/** What is large is asked for in parts of so many bytes, so that its coming can be seen. */
const PART_BYTES = 1 << 20;

/** An open file and its header. */
interface Shard extends SafetensorsHeader {
  name: string;
  file: SourceFile;
  /** How far it has been read; what lies before counts, too. */
  reachedBytes: number;
}

/** Opens safetensors files as one checkpoint. A tensor that several hold is the one of the file where `places` has it. */
export async function openShards(
  source: ModelSource,
  names: readonly string[],
  reading: CheckpointReading,
  places: ReadonlyMap<string, string> = new Map(),
): Promise<Shards> {
  const shards: Shard[] = [];
  let file: SourceFile | null = null;
  try {
    // The first file last: of a server's files one streams at a time, and it goes on to the first one's tensors.
    for (const name of [...names].reverse()) {
      file = await source.file(name, reading.signal);
      const header = await readHeader(file, `${name} in ${source.url}`, reading.signal);
      shards.unshift({ name, file, ...header, reachedBytes: 0 });
      file = null;
    }
  } catch (error) {
    for (const one of [file, ...shards.map((shard) => shard.file)]) await one?.close();
    throw error;
  }
  return new Shards(shards, places, reading);
}

/** Safetensors files, open. */
export class Shards implements Checkpoint {
  readonly tensors = new Map<string, StoredTensor>();
  /** Names of tensors that can't be weights. */
  readonly unread: ReadonlySet<string>;
  /** Tensors whose numbers aren't weights by themselves. */
  readonly raw = new Map<string, RawTensor>();
  /** All names, in the order of the files. */
  readonly names: readonly string[];
  private readonly places = new Map<string, Shard>();
  private readonly totalBytes: number;

  constructor(
    private readonly shards: readonly Shard[],
    placed: ReadonlyMap<string, string>,
    private readonly reading: CheckpointReading,
  ) {
    this.unread = new Set(shards.flatMap(({ unread }) => [...unread]));
    const inOrder = ({ tensors, raw = new Map() }: Shard) =>
      [...tensors.values(), ...raw.values()].sort((a, b) => a.begin - b.begin).map(({ name }) => name);
    this.names = [...new Set(shards.flatMap(inOrder))];
    this.totalBytes = shards.reduce((sum, { file }) => sum + file.byteLength, 0);
    for (const shard of shards) {
      for (const [name, tensor] of shard.tensors) {
        // What the index places elsewhere is there; what it doesn't list is as good as any other.
        if ((placed.get(name) ?? shard.name) !== shard.name) continue;
        this.tensors.set(name, tensor);
        this.places.set(name, shard);
      }
      for (const [name, tensor] of shard.raw ?? []) {
        this.raw.set(name, tensor);
        this.places.set(name, shard);
      }
    }
  }

  async read(name: string, rows?: Rows, signal = this.reading.signal): Promise<Tensor> {
    const tensor = this.tensors.get(name);
    const shard = this.places.get(name);
    invariant(tensor && shard, `the checkpoint has no tensor ${name}`);
    const { dtype, shape, begin } = tensor;
    const numBytes = byteLengthOf(tensor);
    if (!rows) return { name, dtype, shape, bytes: await this.part(shard, begin, begin + numBytes, signal) };
    const rowBytes = numBytes / shape[0];
    const [from, to] = [rows.begin, rows.end].map((row) => begin + row * rowBytes);
    const own = [rows.end - rows.begin, ...shape.slice(1)];
    return { name, dtype, shape: own, bytes: await this.part(shard, from, to, signal) };
  }

  /** Bytes of a raw tensor: all, or from `begin` up to `end` of them. */
  readRaw(name: string, begin = 0, end?: number, signal = this.reading.signal): Promise<Uint8Array<ArrayBuffer>> {
    const tensor = this.raw.get(name);
    const shard = this.places.get(name);
    invariant(tensor && shard, `the checkpoint has no tensor ${name}`);
    return this.part(shard, tensor.begin + begin, tensor.begin + (end ?? tensor.byteLength), signal);
  }

  async close(): Promise<void> {
    for (const { file } of this.shards) await file.close();
  }

  private async part(shard: Shard, begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (end - begin <= PART_BYTES) return this.counted(shard, begin, end, signal);
    const bytes = new Uint8Array(end - begin);
    for (let at = begin; at < end; at += PART_BYTES) {
      bytes.set(await this.counted(shard, at, Math.min(at + PART_BYTES, end), signal), at - begin);
    }
    return bytes;
  }

  private async counted(shard: Shard, begin: number, end: number, signal?: AbortSignal) {
    const bytes = await shard.file.read(begin, end, signal);
    shard.reachedBytes = Math.max(shard.reachedBytes, end);
    const { name, reachedBytes, file } = shard;
    this.reading.onProgress?.({
      loadedBytes: this.shards.reduce((sum, one) => sum + one.reachedBytes, 0),
      totalBytes: this.totalBytes,
      file: { name, loadedBytes: reachedBytes, totalBytes: file.byteLength },
    });
    return bytes;
  }
}
