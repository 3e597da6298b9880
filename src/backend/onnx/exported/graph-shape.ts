import type { InferenceSession } from "onnxruntime-web";
import type { ExportedConfig } from "../../../architecture/exported-config.js";
import { ModelLoadError } from "../../../vocabulary/errors.js";

/** Keys or values of a layer: what takes them in, and what gives them with the new rows behind them. */
export interface PastValue {
  input: string;
  output: string;
  numHeads: number;
  headDim: number;
  type: "float32" | "float16";
}

/** Whole numbers, by the type that a graph has them in. */
type WholeType = "int64" | "int32";

/** What an exported graph takes and gives, read off its inputs and outputs. */
export interface GraphShape {
  ids: WholeType;
  /** Null: it has no such input. */
  mask: WholeType | null;
  positions: WholeType | null;
  /** Whether it is told if there are rows before: graphs of older exports, made of two. Behind a past these read a row at a time. */
  hasBranch: boolean;
  /** The input that says of how many of the last rows logits are wanted, and its dimensions. */
  numLogits: { name: string; rank: number } | null;
  /** It takes one row at a time. */
  isSingle: boolean;
  /** It gives the last row's logits alone. */
  isLastOnly: boolean;
  /** Keys, then values, layer by layer. */
  past: readonly PastValue[];
  numLayers: number;
}

type Metadata = InferenceSession.TensorValueMetadata;

/** Inputs that are known, beside keys and values. */
const KNOWN = [
  "input_ids",
  "attention_mask",
  "position_ids",
  "use_cache_branch",
  "num_logits_to_keep",
  "logits_to_keep",
];

const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

/** Reads a loaded graph's inputs and outputs, and compares them with its config. Throws `ModelLoadError`. `label`: the file and its folder. */
export function shapeOf(
  { inputMetadata, outputMetadata }: Pick<InferenceSession, "inputMetadata" | "outputMetadata">,
  config: ExportedConfig,
  label: string,
): GraphShape {
  const refuse = (what: string, code = "unsupported_graph"): never => {
    throw new ModelLoadError(`${label} ${what}.`, code);
  };
  const inputs = tensorsOf(inputMetadata);
  const outputs = tensorsOf(outputMetadata);
  for (const name of inputs.keys()) {
    if (!KNOWN.includes(name) && !PAST.test(name)) {
      refuse(
        `has an input ${name}, which Triptych doesn't know what to feed: it takes graphs with ${KNOWN.join(", ")} and past_key_values.N.key and value`,
      );
    }
  }
  const wholeOf = (name: string): WholeType | null => {
    const found = inputs.get(name);
    if (!found) return null;
    const { type, shape } = found;
    if ((type === "int64" || type === "int32") && shape.length === 2) return type;
    return refuse(
      `has an input ${name} of type ${type} and shape ${shown(shape)}; expected whole numbers of shape [1, rows]`,
    );
  };
  const ids = wholeOf("input_ids") ?? refuse("has no input input_ids");
  const [, width] = inputs.get("input_ids")?.shape ?? [];
  if (typeof width === "number" && width !== 1)
    refuse(`reads exactly ${width} tokens at once: export it with a free sequence length`);
  const past = pastOf(inputs, outputs, config, refuse);
  const logits = outputs.get("logits") ?? refuse("has no output logits");
  const size = logits.shape.at(-1);
  if (typeof size === "number" && size !== config.vocabSize) {
    refuse(
      `gives ${size} logits, but config.json has a vocab_size of ${config.vocabSize}: they are of different models`,
      "bad_config",
    );
  }
  const numLogits = ["num_logits_to_keep", "logits_to_keep"].find((name) => inputs.has(name));
  return {
    ids,
    mask: wholeOf("attention_mask"),
    positions: wholeOf("position_ids"),
    hasBranch: inputs.has("use_cache_branch"),
    numLogits: numLogits === undefined ? null : { name: numLogits, rank: inputs.get(numLogits)?.shape.length ?? 0 },
    isSingle: width === 1,
    isLastOnly: logits.shape.length === 2 || logits.shape.at(-2) === 1,
    past,
    numLayers: past.length / 2,
  };
}

function pastOf(
  inputs: ReadonlyMap<string, Metadata>,
  outputs: ReadonlyMap<string, Metadata>,
  config: ExportedConfig,
  refuse: (what: string, code?: string) => never,
): PastValue[] {
  const layers = new Set([...inputs.keys()].flatMap((name) => PAST.exec(name)?.[1] ?? []));
  if (layers.size === 0) {
    refuse(
      'has no inputs past_key_values.N.key: export it with past keys and values (task "text-generation-with-past")',
    );
  }
  if (config.numLayers !== null && layers.size !== config.numLayers) {
    refuse(
      `has keys and values of ${layers.size} layers, but config.json has ${config.numLayers}: they are of different models`,
      "bad_config",
    );
  }
  return [...layers].flatMap((layer) =>
    ["key", "value"].map((part): PastValue => {
      const [input, output] = [`past_key_values.${layer}.${part}`, `present.${layer}.${part}`];
      const { type, shape } = inputs.get(input) ?? refuse(`has no input ${input}`);
      if (!outputs.has(output)) refuse(`has no output ${output}`);
      if (type !== "float32" && type !== "float16")
        return refuse(`has an input ${input} of type ${type}; expected float32 or float16`);
      const [batch, heads, length, size] = shape;
      const isUsual = shape.length === 4 && (batch === 1 || typeof batch === "string") && typeof length === "string";
      const numHeads = typeof heads === "number" ? heads : config.numKeyValueHeads;
      const headDim = typeof size === "number" ? size : config.headDim;
      if (!isUsual || numHeads === null || headDim === null) {
        return refuse(
          `has an input ${input} of shape ${shown(shape)}; expected [1, heads, past length, size], the length free`,
        );
      }
      if (config.numKeyValueHeads !== null && numHeads !== config.numKeyValueHeads) {
        refuse(
          `has ${numHeads} heads in ${input}, but config.json has ${config.numKeyValueHeads} in num_key_value_heads: they are of different models`,
          "bad_config",
        );
      }
      return { input, output, numHeads, headDim, type };
    }),
  );
}

function tensorsOf(metadata: readonly InferenceSession.ValueMetadata[]): Map<string, Metadata> {
  return new Map(metadata.flatMap((value) => (value.isTensor ? [[value.name, value] as const] : [])));
}

const shown = (shape: readonly (number | string)[]) => `[${shape.join(", ")}]`;
