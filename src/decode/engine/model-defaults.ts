import type { GenerationDefaults } from "../../seam/generation-defaults.js";
import { isFixed, type OptionTable } from "../options.js";
import { asksInfill, snakeCase } from "../parse-options.js";
import { asNumber } from "../../vocabulary/number-text.js";

/** These count where tokens are drawn, as Hugging Face has it. */
const OF_DRAWING = ["top_k", "top_p", "min_p"] as const;

/**
 * Raw options with the model's own defaults (its `generation_config.json`) in place of those that aren't given, where the decoder
 * has them and takes more than one value of them. What ends a text has no meaning for holes.
 */
export function withModelDefaults(
  table: OptionTable,
  raw: Readonly<Record<string, unknown>>,
  defaults: GenerationDefaults,
  promptLength: number,
): Readonly<Record<string, unknown>> {
  const given = new Map(
    Object.entries(raw).flatMap(([name, value]) => (value === undefined ? [] : [[snakeCase(name), value]])),
  );
  const own: Record<string, unknown> = {};
  const add = (name: string, value: unknown) => {
    if (value === undefined || given.has(name) || !Object.hasOwn(table, name)) return;
    if (!isFixed(table[name])) own[name] = value;
  };
  add("temperature", defaults.temperature);
  add("repetition_penalty", defaults.repetition_penalty);
  if (asNumber(given.get("temperature") ?? own.temperature ?? 0) > 0) {
    for (const name of OF_DRAWING) add(name, defaults[name]);
  }
  if (!asksInfill(raw)) {
    const { max_new_tokens, max_length } = defaults;
    add("max_new_tokens", max_new_tokens ?? (max_length && Math.max(1, max_length - promptLength)));
    add("stop", defaults.stop);
  }
  return { ...own, ...raw };
}
