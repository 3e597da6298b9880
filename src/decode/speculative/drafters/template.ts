/** Chance that the r-th candidate is the right one, of the size that the tree of token recycling's paper (arXiv 2408.08696) implies. */
const RANK_WEIGHTS = [0.44, 0.14, 0.08, 0.055, 0.04, 0.03, 0.025, 0.02];
/** Most children of a node. */
export const MAX_WIDTH = RANK_WEIGHTS.length;

/** One node of a fixed draft tree: a candidate behind `parent` (-1: the last token) by rank. */
export interface TemplateNode {
  parent: number;
  rank: number;
}

/**
 * The likeliest tree of `size` nodes with at most `width` children each (up to `MAX_WIDTH`), the likeliest first, parents before
 * children: its first n nodes are the tree of n nodes.
 */
export function templateOf(size: number, width: number): TemplateNode[] {
  const nodes: TemplateNode[] = [];
  const open = [{ parent: -1, rank: 0, weight: RANK_WEIGHTS[0] }];
  while (nodes.length < size) {
    const best = open.reduce((a, b) => (b.weight > a.weight ? b : a));
    open.splice(open.indexOf(best), 1);
    const { parent, rank } = best;
    const base = best.weight / RANK_WEIGHTS[rank];
    if (rank + 1 < width) open.push({ parent, rank: rank + 1, weight: base * RANK_WEIGHTS[rank + 1] });
    const node = nodes.push({ parent, rank }) - 1;
    open.push({ parent: node, rank: 0, weight: best.weight * RANK_WEIGHTS[0] });
  }
  return nodes;
}
