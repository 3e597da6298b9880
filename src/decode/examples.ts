import type { Decoder } from "./decoder.js";

/**
 * One small run of a decoder, from `examples.json` in its folder. All of them are conformance cases on models of the tests;
 * those with `models` are also shown in help and docs, and run in the browser tests.
 */
export interface Example {
  /** What is special about it, behind the decoder's name. */
  title: string;
  /** By their snake_case names. */
  options: Readonly<Record<string, unknown>>;
  /** Embedded models by role: `model`, `draft`. Left out: no embedded model has what it needs, or it shows nothing new. */
  models?: { model: string; draft?: string };
  /** Default: DEFAULT_PROMPT. */
  prompt?: string;
  /** It remembers what the canvas doesn't hold: started again it may go on otherwise. */
  isForgetful?: boolean;
  /** It masks committed tokens again. */
  takesBack?: boolean;
}

/** The prompt of examples that name none. */
export const DEFAULT_PROMPT = "Once upon a time";

const found = import.meta.glob<readonly Example[]>("./*/examples.json", { eager: true, import: "default" });

/** A decoder's examples, in its folder's order. */
export function examplesOf({ name }: Decoder): readonly Example[] {
  return found[`./${name}/examples.json`] ?? [];
}
