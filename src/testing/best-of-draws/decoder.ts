import { sample } from "../../seam/questions/sample.js";
import { defineDecoder } from "../../decode/decoder.js";
import { COMMON_OPTIONS, numberOption, type OptionTable } from "../../decode/options.js";

const options = {
  ...COMMON_OPTIONS,
  draws: {
    type: "integer",
    label: "Draws",
    default: 3,
    min: 1,
    max: 16,
    doc: "Draws of each token, of which the likeliest stays",
  },
} satisfies OptionTable;

/** Draws each token several times and keeps the likeliest draw. */
export default defineDecoder({
  name: "best-of-draws",
  label: "Best of draws",
  summary: "Left to right, the likeliest of a few draws of each token",
  options,
  claim: ({ options: { draws } }) =>
    draws === 1 ? { fidelity: "identical" } : { fidelity: "exact", of: `the likeliest of ${draws} draws of TARGET` },
  needs: () => ({ causal: true, asks: ["sample"] }),
  async *run({ canvas, target, sampler, options, now }) {
    const draws = Array.from({ length: numberOption(options, "draws") }, (_, draw) => sample(sampler, draw));
    for (;;) {
      const tokens = canvas.ids().slice(target.length);
      const rows = target.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
      const drawn = await Promise.all(draws.map((draw) => rows.ask(draw).read()));
      const [best] = drawn.flat().sort((one, other) => other.logprob - one.logprob);
      yield now((edit) => edit.append(best.token, "committed", best.logprob));
    }
  },
});
