import type { TokenId } from "../../events.js";
import { DraftTree } from "./draft-tree.js";
import { hostSource } from "./host-rounds.js";
import { type TemplateNode, templateOf } from "./template.js";
import { type Draft, type Drafter, NO_DRAFT } from "./source.js";

/** Successors kept for each token. */
const NUM_SUCCESSORS = 8;
const TEMPLATE_SIZE = 63;
const UNKNOWN = -1;

/**
 * Drafts a fixed tree out of the likeliest successors that each token had when it was last seen, verified or not. Token
 * recycling, arXiv 2408.08696, on the CPU: the successors of every verified row are read back, 64 bytes a row.
 */
export const recycling = hostSource({
  name: "recycling",
  label: "Token recycling",
  summary: "A tree of the successors that each token had when it was last verified",
  isChain: false,
  numTokens: 16,
  numTaught: NUM_SUCCESSORS,
  options: {},
  open: ({ capabilities }) => new Recycler(capabilities.vocabSize),
});

/** Its first n nodes are the template of size n. */
export const TEMPLATE: readonly TemplateNode[] = templateOf(TEMPLATE_SIZE, NUM_SUCCESSORS);

/** The successors of each token, and the draft that they make. */
export class Recycler implements Drafter {
  private readonly successors: Int32Array;

  constructor(vocabSize: number) {
    this.successors = new Int32Array(vocabSize * NUM_SUCCESSORS).fill(UNKNOWN);
  }

  draft(ids: readonly TokenId[], limit: number): Draft {
    const tree = new DraftTree(limit);
    const nodes: number[] = [];
    for (const { parent, rank } of TEMPLATE) {
      const node = parent < 0 ? -1 : nodes[parent];
      const isMissing = parent >= 0 && node < 0;
      const token = isMissing ? UNKNOWN : this.successor(node < 0 ? ids[ids.length - 1] : tree.tokens[node], rank);
      nodes.push(token === UNKNOWN ? -1 : tree.add(node, token));
    }
    return tree.tokens.length > 0 ? tree : NO_DRAFT;
  }

  /** A token that several rows hold takes the successors of the highest row. */
  learn(rows: readonly { token: TokenId; top: readonly TokenId[] }[]): void {
    for (const { token, top } of rows) {
      for (let rank = 0; rank < NUM_SUCCESSORS; rank++) {
        this.successors[token * NUM_SUCCESSORS + rank] = top[rank] ?? UNKNOWN;
      }
    }
  }

  /** The token's likeliest successor but `rank`; -1 while it isn't known. */
  successor(token: TokenId, rank: number): TokenId {
    return this.successors[token * NUM_SUCCESSORS + rank];
  }
}
