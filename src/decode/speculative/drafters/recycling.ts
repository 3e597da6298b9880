import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import { NUM_SUCCESSORS } from "../../../extension/text-drafts/key.js";
import { deviceSource } from "../rounds/device-rounds.js";
import { type TemplateNode, templateOf } from "./template.js";

const TEMPLATE_SIZE = 63;

/** Its first n nodes are the template of size n. */
export const TEMPLATE: readonly TemplateNode[] = templateOf(TEMPLATE_SIZE, NUM_SUCCESSORS);

/** Ranks of each node's path from the root. */
const PATHS: (readonly number[])[] = [];
for (const { parent, rank } of TEMPLATE) PATHS.push([...(parent < 0 ? [] : PATHS[parent]), rank]);

/**
 * Drafts a fixed tree out of the likeliest successors that each token had when it was last seen, verified or not. Token
 * recycling, arXiv 2408.08696, its tree cut to 63 nodes; all on the device. Each run begins without successors.
 */
export const recycling = deviceSource({
  name: "recycling",
  label: "Token recycling",
  summary: "A tree of the successors that each token had when it was last verified",
  isChain: false,
  numTokens: 16,
  authorsTokens: 80,
  options: {},
  open({ target }) {
    const drafts = target.beside(TEXT_DRAFTS);
    drafts.forget();
    return {
      parents: (count) => TEMPLATE.slice(0, count).map(({ parent }) => parent),
      draft: (last, count) => drafts.follow(last, PATHS.slice(0, count)),
      isTaught: true,
    };
  },
});
