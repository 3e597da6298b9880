/** One way to decode, as `npm run bench -- diffusion` counts it over all prompts. At temperature 0 counts are the same in every run. */
export interface Way {
  name: string;
  /** The commit rule, for ways that have one. */
  rule: string | null;
  tokens: number;
  forwards: number;
  /** Forwards of a second model, which drafts or weighs candidates. */
  otherForwards: number;
  /** Kept tokens by main-model forwards after prefill, storing forwards included. */
  tokensPerForward: number;
  /** Time of autoregressive text by this way's, of the first prompts, each written both ways in turn. */
  speedup: number;
  /** The same from the counts of all prompts, where M rows of a forward cost 1 + 0.02 (M - 1), other models' by their bytes. */
  speedupOfGpu: number;
  /** Nats per token of the completions under `story-ar`. */
  nll: number;
  /** Nats per byte of the completions under `stories260k`, which wrote none of them. */
  nllPerByte: number;
  /** Different pairs of neighbouring tokens by all pairs, over the completions. */
  distinct2: number;
  /** The first prompt's completion. */
  text: string;
}
