import type { FigureInfo } from "../../vocabulary/events.js";

/** What contrastive search reports of its text, as `vocabulary/figures.ts` defines it. */
export const CONTRASTIVE_FIGURES: Readonly<Record<string, FigureInfo>> = {
  isotropy: {
    label: "isotropy",
    doc: "1 less the mean cosine between the states of two tokens of the text, prompt included. Near 0 all states are alike, and likeness tells little",
  },
};
