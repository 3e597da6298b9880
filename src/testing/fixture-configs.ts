import { readFileSync } from "node:fs";
import type { Architecture } from "../architecture/architecture.js";
import { parseConfig } from "../architecture/config.js";

/** Families whose own fields are tested, each by a fixture of its name. */
export type Fixture = "gemma2" | "gemma3_text" | "gpt2" | "gpt_neox" | "mistral" | "olmo2" | "phi3" | "smollm3";

/** The config.json of a fixture. */
export function configOf(name: Fixture | "llama" | "qwen2" | "qwen3"): object {
  return JSON.parse(readFileSync(new URL(`../../tests/fixtures/models/${name}/config.json`, import.meta.url), "utf8"));
}

/** What is read of a fixture's config with some fields changed. */
export function readFixture(name: Fixture, change: object = {}): Architecture {
  return parseConfig({ ...configOf(name), ...change });
}

/** Each layer's window. */
export function windows({ layers }: Architecture): (number | null)[] {
  return layers.map(({ attention }) => attention.window);
}

/** The base of each layer's rotation, from its second channel's frequency; null where heads aren't rotated. */
export function bases({ layers }: Architecture): (number | null)[] {
  return layers.map(
    ({ attention: { rope } }) => rope && Math.round(rope.inverseFrequencies[1] ** (-rope.rotaryDim / 2)),
  );
}
