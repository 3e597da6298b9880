import { type Decoder, defineDecoder, type Editor, type Run, type Step } from "./decoder.js";
import { COMMON_OPTIONS } from "./options.js";
import type { TokenId } from "../events.js";
import type { Selected, TokenRef } from "../model/session.js";

/** Left to right, one token a forward. Each drawn token is fed back on the device, so the run never waits for a readback. */
export const autoregressive: Decoder = defineDecoder({
  name: "autoregressive",
  label: "Autoregressive",
  summary: "Left to right, one token a forward pass",
  options: COMMON_OPTIONS,
  claim: () => ({ fidelity: "exact" }),
  needs: () => ({ causal: true }),
  run: (run) => plainSteps(run),
});

/** So many tokens, ahead of what was read back; where there is a last one it is waited for. */
export async function* plainSteps(run: Run, count = Number.POSITIVE_INFINITY): AsyncGenerator<Step, void, void> {
  const { canvas, target, sampler } = run;
  const append = (edit: Editor, [{ token, logprob }]: Selected[]) => edit.append(token, "committed", logprob);
  let tokens: (TokenId | TokenRef)[] = canvas.ids().slice(target.length);
  for (let left = count; left > 0; left--) {
    const next = target.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).sample(sampler);
    tokens = [next.ref(0)];
    if (left > 1) yield run.later(next, append);
    else {
      const last = await next.read();
      yield run.now((edit) => append(edit, last));
    }
  }
}
