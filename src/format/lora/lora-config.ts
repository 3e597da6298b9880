import { ModelLoadError } from "../../vocabulary/errors.js";
import { slowPart } from "../../vocabulary/slow-pattern.js";

/** The file of an adapter's settings. */
export const CONFIG = "adapter_config.json";

/** What is read of an adapter's settings. */
export interface LoraConfig {
  /** Factor on the product of a module's two matrices, which have this many rows between them. */
  scaleOf(module: string, rank: number): number;
  /** Matrices are stored `[in, out]`, as GPT-2's are. */
  isTransposed: boolean;
}

/** Fields of what LoRA isn't, or isn't alone, with the values by which they are idle. */
const IDLE: Readonly<Record<string, readonly unknown[]>> = {
  bias: ["none"],
  use_dora: [false],
  lora_bias: [false],
  use_qalora: [false],
  // Others change the model's own weights at the start of a training, and are stored as if those were here.
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal"],
};

/** Fields that are idle only where there is nothing in them. */
const EMPTY: readonly string[] = [
  "layer_replication",
  "target_parameters",
  "trainable_token_indices",
  "alora_invocation_tokens",
  "arrow_config",
  "kasa_config",
  "velora_config",
  "monteclora_config",
  "use_bdlora",
];

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
}

/** Characters of what an error names. */
const MAX_NAMED = 240;

function refused(name: string, value: unknown, supported: string): ModelLoadError {
  // What a damaged file holds may be of any length.
  return new ModelLoadError(
    `${CONFIG}: ${name} ${JSON.stringify(value).slice(0, MAX_NAMED)} isn't supported; supported: ${supported}.`,
    "unsupported_config",
  );
}

/** A positive number of a field. */
function positive(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ModelLoadError(`${CONFIG}: ${name} is ${JSON.stringify(value)}, expected a positive number.`, "bad_config");
}

/** Numbers by the modules they are for, as PEFT matches them: a name, or a regular expression for the end of one. */
function byModule(json: Record<string, unknown>, field: string): (module: string) => number | null {
  const value = json[field] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw refused(field, value, "an object");
  const rules = Object.entries(value as object).map(([pattern, number]) => {
    const own = positive(number, `${field}.${pattern}`);
    // Modules' names are short: a few loops in a row do no harm.
    const slow = slowPart(pattern, { nests: false, maxLoops: 6 });
    if (slow !== null) throw refused(field, pattern, `patterns without ${slow}`);
    try {
      return { matches: new RegExp(`^(?:.*\\.)?(?:${pattern})$`), own };
    } catch {
      throw refused(field, pattern, "names of modules, or regular expressions for them");
    }
  });
  return (module) => rules.find(({ matches }) => matches.test(module))?.own ?? null;
}

/** The parsed `adapter_config.json`. Throws `ModelLoadError` for what isn't LoRA, and for a rank that isn't the weights'. */
export function parseLoraConfig(parsed: unknown): LoraConfig {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new ModelLoadError(`${CONFIG} isn't a JSON object.`, "bad_config");
  }
  const json = parsed as Record<string, unknown>;
  if (json.peft_type !== "LORA") throw refused("peft_type", json.peft_type, "LORA");
  for (const [name, idle] of Object.entries(IDLE)) {
    const value = json[name] ?? idle[0];
    if (!idle.includes(value)) throw refused(name, value, idle.map((one) => JSON.stringify(one)).join(", "));
  }
  for (const name of EMPTY) if (!isEmpty(json[name])) throw refused(name, json[name], "null");
  const [rank, alpha] = [positive(json.r, "r"), positive(json.lora_alpha, "lora_alpha")];
  const [ranks, alphas] = [byModule(json, "rank_pattern"), byModule(json, "alpha_pattern")];
  const isByRoot = json.use_rslora === true;
  return {
    isTransposed: json.fan_in_fan_out === true,
    scaleOf(module, found) {
      const wanted = ranks(module) ?? rank;
      if (found !== wanted) {
        throw new ModelLoadError(
          `${CONFIG} says rank ${wanted} for ${module}, whose lora_A has ${found} rows: the two belong together.`,
          "wrong_shape",
        );
      }
      return (alphas(module) ?? alpha) / (isByRoot ? Math.sqrt(found) : found);
    },
  };
}
