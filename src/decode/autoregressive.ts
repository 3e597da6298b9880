import { type Decoder, defineDecoder } from "./decoder.js";
import { COMMON_OPTIONS } from "./options.js";
import type { TokenId } from "../events.js";
import type { TokenRef } from "../model/session.js";

/** Left to right, one token a forward. Each drawn token is fed back on the device, so the run never waits for a readback. */
export const autoregressive: Decoder = defineDecoder({
  name: "autoregressive",
  label: "Autoregressive",
  summary: "Left to right, one token a forward pass",
  options: COMMON_OPTIONS,
  fidelity: () => "exact",
  needs: () => ({ causal: true }),
  async *run({ canvas, target, sampler, later }) {
    let tokens: (TokenId | TokenRef)[] = canvas.ids().slice(target.length);
    for (;;) {
      const next = target.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).sample(sampler);
      tokens = [next.ref(0)];
      yield later(next, (edit, [{ token, logprob }]) => edit.append(token, "committed", logprob));
    }
  },
});
