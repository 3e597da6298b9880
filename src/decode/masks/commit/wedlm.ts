import { numberOption } from "../../options.js";
import { oneByOne, several } from "./claims.js";
import { ranked } from "./ranking.js";
import type { Candidate, CommitRule } from "./rule.js";

/** All with entropy + λ · distance from the first mask under a limit, else the smallest (WeDLM's rule, from its paper). */
export const wedlm: CommitRule = {
  name: "wedlm",
  summary: "all of small entropy, the sooner the further left",
  options: {
    entropy_threshold: {
      type: "number",
      label: "Entropy below",
      doc: "In nats: a token is committed if its entropy and the penalty of its distance are together under this",
      default: 0.4,
      min: 0,
    },
    distance_penalty: {
      type: "number",
      label: "Distance penalty",
      doc: "Nats for each position behind the first mask",
      default: 0.02,
      min: 0,
    },
  },
  claim: ({ entropy_threshold }) =>
    entropy_threshold === 0 ? oneByOne("in order of entropy and distance from the first mask") : several(),
  choice: {
    choose: (candidates, { options }) => {
      const limit = numberOption(options, "entropy_threshold");
      const penalty = numberOption(options, "distance_penalty");
      const first = Math.min(...candidates.map(({ position }) => position));
      const score = ({ entropy, position }: Candidate) => entropy + penalty * (position - first);
      const ranking = ranked(candidates, score);
      const count = ranking.filter((i) => score(candidates[i]) < limit).length;
      return ranking.slice(0, Math.max(1, count));
    },
  },
};
