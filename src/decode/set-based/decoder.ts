import { type Decoder, defineDecoder } from "../decoder.js";
import { plainSteps } from "../plain-steps.js";
import { readSets } from "../read-sets.js";
import { SET_BASED_OPTIONS } from "./options.js";

/** Set-based prompting (arXiv 2406.06581): what the prompt lists as a set is read in no order. */
export const setBased: Decoder = defineDecoder({
  name: "set-based",
  label: "Set-based",
  summary: "Left to right, from a prompt whose lists are read in no order",
  options: SET_BASED_OPTIONS,
  readsSets: true,
  claim({ canvas: { sets } }) {
    if (sets.length === 0) return { fidelity: "identical" };
    const whose = sets.length === 1 ? "the segments of the prompt's set" : "the segments of each set of the prompt";
    return { fidelity: "exact", order: `with ${whose} read side by side` };
  },
  needs: () => ({ causal: true, asks: ["sample", "segments"] }),
  usualForwards: () => ({ drawn: [1] }),
  async *run(run) {
    readSets(run.target, run.canvas);
    yield* plainSteps(run);
  },
});

/** Found by its folder (`decode/index.ts`). */
export default setBased;
