import type { TokenId } from "../../vocabulary/events.js";
import type { Question } from "./question.js";
import type { Sampler } from "../sampler.js";

/**
 * The k first tokens of each row's race, for drafts: the first is what `sample` draws with the same noise, the next what it
 * would draw without that, and so on. Penalties and truncation don't count here.
 */
export interface Race extends Question<TokenId[][]> {
  readonly kind: "race";
  readonly sampler: Sampler;
  readonly k: number;
}

/** Asks for the `k` first tokens of each row's race. */
export const race = (sampler: Sampler, k: number): Race => ({ kind: "race", sampler, k });
