import { numberOption } from "../../options.js";
import { oneByOne, several } from "./claims.js";
import { ranked } from "./ranking.js";
import type { CommitRule } from "./rule.js";

/** The most whose entropies sum to at most γ beside their largest (EB sampler, arXiv 2505.24857). */
export const entropyBound: CommitRule = {
  name: "entropy_bound",
  summary: "as many as lose at most so many nats together",
  options: {
    entropy_bound: {
      type: "number",
      label: "Nats per step",
      doc: "At most this much is lost in a step: the sum of the committed tokens' entropies but the largest, in nats",
      default: 0.1,
      min: 0,
    },
  },
  claim: ({ entropy_bound }) =>
    entropy_bound === 0
      ? oneByOne("in order of rising entropy, those without any at once")
      : several(`a step commits tokens together that are up to ${String(entropy_bound)} nats from their joint law`),
  boundNats: (options) => numberOption(options, "entropy_bound"),
  choice: {
    choose: (candidates, { options }) => {
      const bound = numberOption(options, "entropy_bound");
      const ranking = ranked(candidates, ({ entropy }) => entropy);
      let sum = 0;
      let count = 1;
      // Sorted, the last one's entropy is the largest: the sum of those before it is what the bound is about.
      while (count < ranking.length) {
        sum += candidates[ranking[count - 1]].entropy;
        if (sum > bound) break;
        count++;
      }
      return ranking.slice(0, count);
    },
  },
};
