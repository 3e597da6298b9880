// What the page shows unless a person chooses: the one place here that knows decoders and drafters by name. All else about them the
// elements learn from their option tables and `planOf`.

/** A pane of the comparison, and the decoder that it begins with. */
export interface DefaultPane {
  name: string;
  label: string;
  decoder: string;
}

/** The comparison's panes, in reading order. */
export const COMPARED: readonly DefaultPane[] = [
  { name: "autoregressive", label: "Autoregressive", decoder: "autoregressive" },
  { name: "diffusion", label: "Diffusion", decoder: "block-diffusion" },
  { name: "speculative", label: "Speculative", decoder: "speculative" },
];

/** The decoder of a single pane without the attribute. */
export const SINGLE = "autoregressive";

/** The decoder whose text, id for id, the fidelity `identical` claims. */
export const PLAIN = "autoregressive";

/** The decoder whose drafter is chosen by measured costs unless a person chooses, and the two drafters between which. */
export const BY_COSTS = { decoder: "speculative", withModel: "model", withoutModel: "suffix" };
