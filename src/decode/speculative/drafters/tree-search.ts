import type { TokenId } from "../../../vocabulary/events.js";
import { exponential, PURPOSE } from "../../../sampling/noise.js";
import { DraftTree } from "./draft-tree.js";
import type { Draft } from "./source.js";
import type { Successors, Trigrams } from "./trigrams.js";

const DEPTH = 4;
const NUM_PATHS = 24;
const NUM_ITERATIONS = 150;
const C1 = 32;
const C2 = 8;

interface Node {
  token: TokenId;
  /** Weight of the tri-gram that ends here: the node's prior. */
  weight: number;
  visits: number;
  score: number;
  /** Null before it is expanded. */
  children: Node[] | null;
}

/**
 * Searches the continuations of a text by Monte-Carlo tree search over tri-grams, as ADED does (arXiv 2407.12021): PUCT
 * with its constants, roll-outs to depth 4, the 24 most visited paths, each with its likeliest successor. Draws are noise
 * of purpose "draft": the same text and seed give the same tree.
 */
export function searchTree(trigrams: Trigrams, ids: readonly TokenId[], limit: number, seed: number): Draft {
  const search = new Search(trigrams, ids, seed);
  for (let i = 0; i < NUM_ITERATIONS; i++) if (!search.iterate(i)) break;
  const tree = new DraftTree(limit);
  for (const path of search.bestPaths()) tree.addPath(-1, path);
  return tree;
}

class Search {
  private readonly root: Node = { token: -1, weight: 0, visits: 0, score: 0, children: null };
  private readonly pair: readonly [TokenId, TokenId];

  constructor(
    private readonly trigrams: Trigrams,
    ids: readonly TokenId[],
    private readonly seed: number,
    private readonly position = ids.length,
  ) {
    this.pair = [ids[ids.length - 2] ?? -1, ids[ids.length - 1]];
  }

  /** One descent, roll-out and back-up; false when there is nothing to search. */
  iterate(iteration: number): boolean {
    let node = this.root;
    const path = [node];
    const tokens: TokenId[] = [];
    let score = 1;
    while (node.children && node.children.length > 0 && tokens.length < DEPTH) {
      node = bestChild(node, node.children);
      path.push(node);
      tokens.push(node.token);
      score += node.weight;
    }
    if (!node.children && tokens.length < DEPTH) {
      const successors = this.successors(tokens);
      node.children = [...successors].map(([token, weight]) => ({
        token,
        weight,
        visits: 0,
        score: 0,
        children: null,
      }));
    }
    while (tokens.length < DEPTH) {
      const successors = this.successors(tokens);
      if (successors.size === 0) break;
      const token = this.draw(successors, tokens.length, iteration);
      score += successors.get(token) ?? 0;
      tokens.push(token);
    }
    for (const visited of path) {
      visited.visits++;
      visited.score += score;
    }
    return this.root.children !== null && this.root.children.length > 0;
  }

  /** The most visited paths, each with the likeliest successor behind it. */
  bestPaths(): TokenId[][] {
    const leaves: { tokens: TokenId[]; visits: number }[] = [];
    const walk = ({ children, visits }: Node, tokens: TokenId[]) => {
      const visited = (children ?? []).filter((child) => child.visits > 0);
      if (visited.length === 0 && tokens.length > 0) leaves.push({ tokens, visits });
      for (const child of visited) walk(child, [...tokens, child.token]);
    };
    walk(this.root, []);
    // The sort is stable: equally visited paths stay in the order of the tri-grams.
    const best = leaves.sort((a, b) => b.visits - a.visits).slice(0, NUM_PATHS);
    return best.map(({ tokens }) => {
      const next = [...this.successors(tokens)].reduce<[TokenId, number] | null>(
        (likeliest, entry) => (likeliest && likeliest[1] >= entry[1] ? likeliest : entry),
        null,
      );
      return next ? [...tokens, next[0]] : tokens;
    });
  }

  private successors(tokens: readonly TokenId[]): Successors {
    const last = tokens.at(-1) ?? this.pair[1];
    const before = tokens.length > 1 ? (tokens.at(-2) as TokenId) : this.pair[tokens.length];
    return this.trigrams.successors(before, last);
  }

  /** A successor by weight: the exponential race. */
  private draw(successors: Successors, depth: number, iteration: number): TokenId {
    let winner: TokenId = -1;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [token, weight] of successors) {
      if (successors.size === 1) return token;
      const time = exponential(this.seed, PURPOSE.draft, this.position + depth, iteration, token) / weight;
      if (time < earliest) {
        winner = token;
        earliest = time;
      }
    }
    return winner;
  }
}

function bestChild(parent: Node, children: readonly Node[]): Node {
  const unvisited = children.find(({ visits }) => visits === 0);
  if (unvisited) return unvisited;
  const exploration = (C1 + Math.log((parent.visits + C2 + 1) / C2)) * Math.sqrt(parent.visits);
  const value = ({ score, visits, weight }: Node) => score / visits + (exploration * weight) / (1 + visits);
  return children.reduce((best, child) => (value(child) > value(best) ? child : best));
}
