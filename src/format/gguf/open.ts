import { ModelLoadError } from "../../vocabulary/errors.js";
import { type CheckpointReading, isAbsence, missingFile, type ModelSource } from "../source.js";
import { Shards } from "../shards.js";
import { BLOCK_FORMATS } from "../block-codes.js";
import { setBlockFormats } from "../block-formats.js";
import { widen } from "../widen.js";
import { checkArchitecture } from "./architectures.js";
import { shortest } from "./byte-reader.js";
import { GgufCheckpoint, type Source } from "./checkpoint.js";
import { configOf, FACTORS, headCounts } from "./config.js";
import { generationConfigOf } from "./generation-config.js";
import { type Header, type Placed, readHeader } from "./header.js";
import { Metadata } from "./metadata.js";
import { partNames } from "./parts.js";
import { type Renamed, renamed } from "./tensor-names.js";
import { tokenizerConfigOf, tokenizerOf } from "./tokenizer.js";

/** A GGUF file, or all parts of one that is split, with what stands in front of their values read. */
export class GgufFile {
  private readonly made = new Map<string, unknown>();
  private readonly metadata: Metadata;

  private constructor(
    private readonly folder: ModelSource,
    private readonly parts: readonly (Header & { name: string })[],
    private readonly factors: ReadonlyMap<string, readonly number[]>,
    label: string,
  ) {
    this.metadata = new Metadata(parts[0].metadata, label);
  }

  /** Reads the headers. Throws `ModelLoadError`, which names the file and the place in it. */
  static async open(folder: ModelSource, name: string, signal?: AbortSignal): Promise<GgufFile> {
    setBlockFormats(BLOCK_FORMATS);
    const parts: (Header & { name: string })[] = [];
    const factors = new Map<string, readonly number[]>();
    for (const part of partNames(name)) {
      const file = await folder.file(part, signal).catch((error: unknown) => {
        throw part !== name && isAbsence(error) ? missingPart(part, name, folder.url) : error;
      });
      try {
        const header = await readHeader(file, `${part} in ${folder.url}`, signal);
        parts.push({ ...header, name: part });
        for (const factor of FACTORS) {
          const tensor = header.tensors.get(factor);
          if (!tensor) continue;
          const bytes = await file.read(tensor.begin, tensor.end, signal);
          factors.set(factor, Array.from(widen({ ...tensor, bytes }), shortest));
        }
      } finally {
        await file.close();
      }
    }
    const label = `${name} in ${folder.url}`;
    checkParts(parts, label);
    return new GgufFile(folder, parts, factors, label);
  }

  /** The content of a file that a folder would have instead; undefined for one that this doesn't stand for. */
  json(name: string): unknown {
    if (!this.made.has(name)) this.made.set(name, this.make(name));
    return this.made.get(name) ?? undefined;
  }

  /** Its values, to be read tensor by tensor. */
  async checkpoint(reading: CheckpointReading): Promise<GgufCheckpoint> {
    const sources = this.sources();
    const files = await Promise.all(
      this.parts.map(async ({ name, tensors }) => {
        const file = await this.folder.file(name, reading.signal);
        return { name, file, tensors: new Map(tensors), unread: new Set<string>(), reachedBytes: 0 };
      }),
    );
    return new GgufCheckpoint(new Shards(files, new Map(), reading), sources);
  }

  private make(name: string): unknown {
    const { metadata, factors } = this;
    switch (name) {
      case "config.json": {
        const { architecture, own } = this.architecture();
        this.sources();
        return configOf({ architecture, metadata: own, tensors: this.tensors(), factors });
      }
      case "tokenizer.json":
        return tokenizerOf(metadata);
      case "tokenizer_config.json":
        return tokenizerConfigOf(metadata);
      case "generation_config.json":
        return generationConfigOf(metadata);
      default:
        return null;
    }
  }

  private architecture() {
    const { metadata } = this;
    const architecture = checkArchitecture(metadata.text("general.architecture"), metadata.label);
    return { architecture, own: metadata.of(`${architecture}.`) };
  }

  private tensors(): Map<string, Placed> {
    return new Map(this.parts.flatMap(({ tensors }) => [...tensors]));
  }

  /** What each tensor is in the family's files; one that has no place there is refused, since the model would be another without it. */
  private sources(): Source[] {
    const { architecture, own } = this.architecture();
    const heads = headCounts(own);
    return [...this.tensors().values()]
      .filter(({ name }) => !(FACTORS as readonly string[]).includes(name))
      .map((stored) => {
        const found = renamed(architecture, stored.name, stored.shape, heads);
        if (found) return { stored, renamed: checked(stored, found, own.label) };
        throw new ModelLoadError(
          `${own.label} holds tensor ${stored.name}, which architecture ${architecture} has no place for.`,
          "unsupported_config",
        );
      });
  }
}

/** Throws where a tensor's rows aren't whole heads. */
function checked({ name, shape }: Placed, found: Renamed, label: string): Renamed {
  if (!found.order || (Number.isInteger(found.order.size) && found.order.size > 0)) return found;
  throw new ModelLoadError(
    `${label}: tensor ${name} has ${shape[0]} rows, which aren't the rows of whole heads.`,
    "wrong_shape",
  );
}

/** Throws where the parts aren't those of one file. */
function checkParts(parts: readonly (Header & { name: string })[], label: string): void {
  const metadata = new Metadata(parts[0].metadata, label);
  const count = metadata.optionalCount("split.count") ?? 1;
  if (count > 1 && count !== parts.length) {
    throw metadata.wrong(
      "split.count",
      `is ${count}, and by its name it has ${parts.length} part(s): give it the name that it was made with, …-00001-of-${String(count).padStart(5, "0")}.gguf`,
    );
  }
  for (const [i, { metadata: own, name }] of parts.entries()) {
    const no = new Metadata(own, name).optionalCount("split.no") ?? i;
    if (no !== i) throw metadata.wrong("split.no", `is ${no} in ${name}, expected ${i}: take all parts from one place`);
  }
  const numTensors = parts.reduce((sum, { tensors }) => sum + tensors.size, 0);
  const expected = metadata.optionalCount("split.tensors.count") ?? numTensors;
  if (numTensors !== expected) {
    throw metadata.wrong(
      "split.tensors.count",
      `is ${expected}, and its parts have ${numTensors}: take all parts from one place`,
    );
  }
}

function missingPart(part: string, name: string, url: string): ModelLoadError {
  return new ModelLoadError(
    `${part} is missing in ${url}: ${name} is one of ${partNames(name).length} files that are one model, so have all of them in one place.`,
    "missing_file",
  );
}

/** The error for a file that a GGUF file doesn't stand for. */
export function noSuchFile(name: string, url: string): ModelLoadError {
  return new ModelLoadError(`${missingFile(name, url).message.split(":")[0]}: it is one GGUF file.`, "missing_file");
}
