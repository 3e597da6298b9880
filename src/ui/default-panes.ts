import type { DecoderInfo } from "../worker/client.js";
import type { DecoderName } from "../worker/model-options.js";

// What the page shows unless a person chooses: the one place here that knows decoders and drafters by name. All else about them the
// elements learn from their option tables and `planOf`.

/** A pane of the comparison, and the decoder that it begins with. */
export interface DefaultPane {
  name: string;
  label: string;
  decoder: string;
  kind: PaneKind;
}

/** The comparison's panes, in reading order. */
export const COMPARED: readonly DefaultPane[] = [
  { name: "autoregressive", label: "Autoregressive", decoder: "autoregressive", kind: "autoregressive" },
  { name: "diffusion", label: "Diffusion", decoder: "block-diffusion", kind: "diffusion" },
  { name: "speculative", label: "Speculative", decoder: "speculative", kind: "speculative" },
];

/** Most panes that stand side by side. */
export const MOST_PANES = 6;

/** What colours a pane, and marks it: how its decoder writes. */
export type PaneKind = "autoregressive" | "diffusion" | "speculative";

/** The kind of a decoder's panes, by what can be set for it. */
export function kindOf({ options }: Pick<DecoderInfo, "options">): PaneKind {
  if ("infill" in options) return "diffusion";
  return "drafter" in options ? "speculative" : "autoregressive";
}

/** The decoder of a single pane without the attribute. */
export const SINGLE = "autoregressive" satisfies DecoderName;

/** The decoder whose text, id for id, the fidelity `identical` claims. */
export const PLAIN = "autoregressive";

/** The decoder whose drafter is chosen by measured costs unless a person chooses, the two drafters between which, and the one for a draft model with other tokens. */
export const BY_COSTS = { decoder: "speculative", withModel: "model", withoutModel: "suffix", byText: "retokenized" };
