import type { Checkpoint } from "../format/tensor.js";
import type { Architecture } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import type { MaskReading } from "./reading.js";

/** The parts of a layer that have weights, by what they do. */
export type LayerRole =
  | "attention.norm"
  | "attention.q"
  | "attention.k"
  | "attention.v"
  | "attention.qNorm"
  | "attention.kNorm"
  | "attention.output"
  | "attention.after"
  | "mlp.norm"
  | "mlp.gate"
  | "mlp.up"
  | "mlp.down"
  | "mlp.after";

/** The parts of a model around its layers. */
export type OuterRole = "embedding" | "positions" | "norm" | "lmHead";

/** Where a file holds the weight and the bias of a part: names without `.weight` and `.bias`. */
export interface Stored {
  /** The first that the file has counts. */
  names: readonly string[];
  /** The matrix is stored `[in, out]`. */
  transpose?: boolean;
  /**
   * Which of the parts that are stored as one: of equal ones, which share the rows of the whole or of each head; or that of `role` among
   * these, each of which has its own number of rows.
   */
  part?: EqualPart | { role: LayerRole; among: readonly LayerRole[] };
}

/** One of equal parts. */
export interface EqualPart {
  index: number;
  of: number;
  perHead?: boolean;
}

/** What a family reads of a config; the rest is read alike for all, the size of the vocabulary where the family has no say in it. */
export type FamilyConfig = Omit<Architecture, "modelType" | "vocabSize" | "bosToken" | "eosTokens" | "dtype"> &
  Partial<Pick<Architecture, "vocabSize">>;

/** A family of models: how its configs and its weights are read. */
export interface Family {
  /** Values of `model_type`. */
  types: readonly string[];
  /** Another family's `model_type` that its configs have, with the class among `architectures` that tells them apart. */
  alias?: { type: string; architecture: string };
  /** Models that people know it by, for the table of what loads. */
  knownAs: string;
  /** How its models fill masks; left out: they predict the next token. */
  masks?: MaskReading;
  read(config: ConfigFields): FamilyConfig;
  /** `layer` is null for the parts around the layers. */
  tensor(role: LayerRole | OuterRole, layer: number | null): Stored;
  /** The weights as they are read of those of the files, where some are made of several; left out: as they are. */
  fold?(checkpoint: Checkpoint, architecture: Architecture, signal?: AbortSignal): Promise<Checkpoint>;
  /** The hub id of a folder whose tokenizer its models have, of a family whose own folders have none. */
  tokens?: string;
}

/** A family as one value, checked by its type. */
export function defineFamily(family: Family): Family {
  return family;
}

/** Names of a base model's part, with the prefix that a whole model's checkpoint puts before them and without. */
export function prefixed(prefix: string, name: string): string[] {
  return [`${prefix}${name}`, name];
}
