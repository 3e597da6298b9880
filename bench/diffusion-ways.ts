/** A way to decode that is measured. */
export interface Way {
  name: string;
  decoder: string;
  rule: string | null;
  options: Record<string, unknown>;
  /** The second model; default: `draft` for speculative, else `ar`. */
  second?: "ar" | "draft" | "diffusion";
}

/** A commit rule at several values of its knob. */
function ways(rule: string, knob: string, values: readonly number[], more: Record<string, unknown> = {}): Way[] {
  return values.map((value) => ({
    name: `${rule}, ${knob} ${value}`,
    decoder: "block-diffusion",
    rule,
    options: { commit_rule: rule, [knob]: value, ...more },
  }));
}

/** Drawn at temperature 1, in so many steps, the best of so many fillings by `story-ar`, or by `story-draft`. */
function weighed(denoising_steps: number, energy_candidates: number, second: "ar" | "draft" = "ar"): Way {
  const by = energy_candidates === 1 ? "" : ` by story-${second}`;
  return {
    name: `drawn, ${denoising_steps} steps, ${energy_candidates} candidates${by}`,
    decoder: "block-diffusion",
    rule: null,
    options: { denoising_steps, energy_candidates, temperature: 1, seed: 1 },
    second,
  };
}

/** Drafts of the diffusion model, of which `story-ar` keeps what their product draws with this share of the former. */
function product(diffusion_share: number): Way {
  const drafting = { drafter: "block-diffusion", verifier: "product", num_assistant_tokens: 4 };
  return {
    name: `product, diffusion_share ${diffusion_share}`,
    decoder: "speculative",
    rule: "product",
    options: { ...drafting, diffusion_share },
    second: "diffusion",
  };
}

/** What the others' time is compared with. */
export const PLAIN: Way = { name: "autoregressive", decoder: "autoregressive", rule: null, options: {} };

/** All that are measured, in the table's order. */
export const WAYS: readonly Way[] = [
  { name: "quota, one a step", decoder: "block-diffusion", rule: "quota", options: { commit_rule: "quota" } },
  ...ways("quota", "denoising_steps", [6, 4, 2, 1]),
  ...ways("threshold", "threshold", [0.9, 0.7, 0.5, 0.3, 0.1]),
  ...ways("factor", "factor", [0.25, 0.5, 1, 1.5]),
  ...ways("entropy_bound", "entropy_bound", [0.1, 0.5, 1, 2, 4]),
  ...ways("klass", "threshold", [0.9, 0.6, 0.3, 0.1], { kl_threshold: 0.1, kl_history: 1 }),
  ...ways("wedlm", "entropy_threshold", [0.3, 0.6, 1.2, 2.4]),
  ...ways("hierarchy", "low_threshold", [0.6, 0.4, 0.2, 0.1]),
  ...ways("credit", "threshold", [0.9, 0.5, 0.3]),
  ...ways("remdm", "eta", [0.1, 0.3], { denoising_steps: 8 }),
  ...ways("p2", "denoising_steps", [6, 4, 3]),
  ...ways("mask_predict", "denoising_steps", [6, 4, 3]),
  ...[1, 2, 4, 8].map((count) => weighed(3, count)),
  ...[1, 4].map((count) => weighed(6, count)),
  // At equal quality: one a step without a second model, and fewer steps whose fillings the small one weighs.
  weighed(8, 1),
  ...[8, 6, 4, 3].flatMap((steps) => [4, 8].map((count) => weighed(steps, count, "draft"))),
  ...[0, 0.2, 0.4, 0.6, 0.8, 1].map(product),
  {
    name: "speculative, 4 draft tokens",
    decoder: "speculative",
    rule: null,
    options: { num_assistant_tokens: 4 },
  },
  PLAIN,
];
