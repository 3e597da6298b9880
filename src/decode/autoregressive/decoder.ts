import { type Decoder, defineDecoder } from "../decoder.js";
import { plainSteps } from "../plain-steps.js";
import { AUTOREGRESSIVE_OPTIONS } from "./options.js";

/** Left to right, one token a forward. Each drawn token is fed back on the device, so the run never waits for a readback. */
export const autoregressive: Decoder = defineDecoder({
  name: "autoregressive",
  label: "Autoregressive",
  summary: "Left to right, one token a forward pass",
  options: AUTOREGRESSIVE_OPTIONS,
  claim: () => ({ fidelity: "exact" }),
  needs: () => ({ causal: true, asks: ["sample"] }),
  usualForwards: () => ({ drawn: [1] }),
  run: (run) => plainSteps(run),
});

/** Found by its folder (`decode/index.ts`). */
export default autoregressive;
