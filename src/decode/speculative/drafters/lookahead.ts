import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { PURPOSE, threefry2x32 } from "../../../sampling/noise.js";
import { numberOption, type OptionValues } from "../../options.js";
import { DraftTree } from "./draft-tree.js";
import { hostSource } from "../rounds/host-rounds.js";
import { NgramPool } from "./ngram-pool.js";
import type { Draft, Drafter } from "./source.js";

/** Sizes of the lookahead: n-grams of `level` tokens, `window` columns, `guesses` n-grams kept behind each token. */
export interface LookaheadSizes {
  level: number;
  window: number;
  guesses: number;
}

/**
 * Guesses a window of future tokens and lets each forward correct it (Jacobi iteration); what passes through the window
 * are n-grams, and those that begin with the last token are verified. Lookahead decoding, arXiv 2402.02057. Its mask is a
 * tree: the window's first row is a chain, and each column hangs from its own place in it.
 */
export const lookahead = hostSource({
  name: "lookahead",
  label: "Lookahead",
  summary: "n-grams that the target itself makes in a window of guesses beside each verification",
  isChain: false,
  numTokens: 20,
  authorsTokens: 56,
  numTaught: 1,
  options: {
    ngram_size: {
      type: "integer",
      label: "n-gram",
      doc: "Tokens of an n-gram; 3 unless given (the authors 5, of which each is a row more)",
      default: 3,
      min: 2,
      max: 16,
    },
    window_size: {
      type: "integer",
      label: "Window",
      doc: "Future tokens guessed at a time; 5 unless given (the authors 7), fewer where they would fill more than half of the draft",
      default: 5,
      min: 1,
      max: 63,
    },
    guess_set_size: {
      type: "integer",
      label: "Guesses",
      doc: "n-grams kept behind each token; 5 unless given (the authors 7)",
      default: 5,
      min: 1,
      max: 63,
    },
  },
  check: checkSizes,
  open: ({ options, seed }) =>
    new Lookahead(
      {
        level: numberOption(options, "ngram_size"),
        window: numberOption(options, "window_size"),
        guesses: numberOption(options, "guess_set_size"),
      },
      seed,
    ),
});

/** Refuses given sizes of a window that would be cut, or that isn't there, and guesses that never have room beside it. */
function checkSizes(options: OptionValues): void {
  // A length that changes may make room later.
  if (options.num_assistant_tokens_schedule === "heuristic") return;
  const wanted = numberOption(options, "num_assistant_tokens");
  const [level, window] = [numberOption(options, "ngram_size"), numberOption(options, "window_size")];
  const guesses = numberOption(options, "guess_set_size");
  const { ngram_size, window_size, guess_set_size } = lookahead.options;
  const numRows = (level - 1) * window;
  if ((level !== ngram_size.default || window !== window_size.default) && 2 * numRows > wanted) {
    throw new InvalidOptionError(
      `window_size ${window} of ngram_size ${level} drafts ${numRows} tokens, and takes half of num_assistant_tokens ${wanted} at most: give ${2 * numRows} or more of those, or a smaller window.`,
    );
  }
  // A guess takes a token behind each other one of its n-gram, and each further guess at least one more.
  const most = wanted - (level - 1) * columnsOf(wanted, level, window) - level + 2;
  if (guesses === guess_set_size.default || guesses <= Math.max(1, most)) return;
  throw new InvalidOptionError(
    `guess_set_size ${guesses} changes nothing where num_assistant_tokens ${wanted} have room for ${Math.max(1, most)} beside the window: give more of those, or fewer guesses.`,
  );
}

/** Columns of a window that `limit` drafts have room for: it may take half, since without guesses beside it nothing would come of it. */
function columnsOf(limit: number, level: number, window: number): number {
  return Math.min(window, Math.floor(limit / 2 / (level - 1)));
}

/** Window and pool of one run. */
export class Lookahead implements Drafter {
  readonly pool: NgramPool;
  /** Row r, column j guesses the token at `base + j + r`; rows 0 to level - 2. */
  private rows: TokenId[][];
  private base = 0;
  /** Node of each row and column in the last draft. */
  private nodes: number[][] = [];

  constructor(
    private readonly sizes: LookaheadSizes,
    private readonly seed: number,
  ) {
    this.pool = new NgramPool(sizes.level, sizes.guesses);
    this.rows = Array.from({ length: sizes.level - 1 }, () => []);
  }

  draft(ids: readonly TokenId[], limit: number): Draft {
    this.pool.read(ids);
    this.moveTo(ids);
    const numColumns = columnsOf(limit, this.sizes.level, this.sizes.window);
    const tree = new DraftTree(limit);
    this.nodes = this.rows.map(() => []);
    for (let j = 0; j < numColumns; j++) {
      let node = j === 0 ? -1 : this.nodes[0][j - 1];
      this.rows.forEach((row, r) => {
        node = tree.add(node, row[j]);
        this.nodes[r].push(node);
      });
    }
    for (const guess of this.pool.behind(ids[ids.length - 1])) tree.addPath(-1, guess);
    return tree;
  }

  learn(verified: readonly { token: TokenId; top: readonly TokenId[] }[]): void {
    const last = this.nodes[this.nodes.length - 1] ?? [];
    const next = last.map((node) => verified[node + 1].top[0]);
    for (const [j, token] of next.entries()) this.pool.add([...this.rows.map((row) => row[j]), token]);
    this.rows = [...this.rows.slice(1), next];
    this.nodes = [];
    this.base++;
  }

  /** Puts the window behind `ids`; places without a guess get tokens of the text, by noise. */
  private moveTo(ids: readonly TokenId[]): void {
    const passed = Math.max(0, ids.length - this.base);
    this.base = ids.length;
    this.rows = this.rows.map((row, r) => {
      const kept = row.slice(passed, passed + this.sizes.window);
      while (kept.length < this.sizes.window) {
        const word = threefry2x32(this.seed, PURPOSE.draft * 0x1000000 + r, ids.length, kept.length)[0];
        kept.push(ids[word % ids.length]);
      }
      return kept;
    });
  }
}
