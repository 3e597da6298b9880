// Over 300 lines: the whole seam between decoders and models, to be read in one place.
import type { TokenId } from "../events.js";
import type { LawRule } from "../ops/laws.js";
import type { Rounding } from "../ops/quantize.js";
import type { MemoryRule } from "../ops/row-memory.js";
import type { GenerationDefaults } from "../architecture/generation-config.js";

export type { LawRule } from "../ops/laws.js";
export type { MemoryRule } from "../ops/row-memory.js";

/** What a head is for: it drafts the next tokens, or samples masks jointly. */
export type HeadKind = "eagle" | "joint";

/** What a model can do. Read from its configuration; compared with a decoder's `needs` before a run starts. */
export interface Capabilities {
  /** Last part of its folder's name: whose law a text has. */
  name: string;
  /** How its weights were rounded at load; null: as they are stored. */
  rounding: Rounding | null;
  causal: boolean;
  bidirectional: boolean;
  /** Trained block lengths for block-causal reading; empty when the model isn't one. */
  blockLengths: readonly number[];
  tree: boolean;
  truncate: boolean;
  /** Trained to predict masked positions from any others, by rank (arXiv 2504.20456). */
  anySubset: boolean;
  /** Predicts a masked position in place (no logit shift). */
  inPlace: boolean;
  maskToken: TokenId | null;
  /** Longest sequence, in tokens. */
  maxLength: number;
  vocabSize: number;
  /** The head that it was loaded with (`Session.head`); null without. */
  head: HeadKind | null;
  /** Block lengths that the policy scores that it was loaded with (`Session.lengthPolicy`), in this order; empty without. */
  policyLengths: readonly number[];
  /** Mask tokens of the adapter that it was loaded with (`Session.maskSampler`); 0 without. */
  numMasks: number;
  /** Its layers; drafting with the first few of them needs more than one. */
  numLayers: number;
  eosTokens: readonly TokenId[];
  /** Ids that stand for tokens, where there are fewer than the vocabulary has: those behind them pad it, and are never drawn. */
  numTokens?: number;
  /** Defaults of the options that aren't given to a run; left out: the options' own. */
  generation?: GenerationDefaults;
}

/** Everything `rows.sample` applies, in this order: penalties, bias, suppressed ids, temperature, top-k, top-p, min-p, noise. */
export interface Sampler {
  /** 0 is greedy: the largest processed logit, lowest id on ties. */
  temperature: number;
  /** 0 is off. Ids tied with the k-th are kept. */
  topK: number;
  /** 1 is off. The id that crosses p is kept. */
  topP: number;
  /** 0 is off. */
  minP: number;
  /** 1 is off. */
  repetitionPenalty: number;
  logitBias: ReadonlyMap<TokenId, number>;
  /** Ids that are never drawn and count for nothing in `logprob`. */
  suppress: readonly TokenId[];
  /** Unsigned 32-bit. */
  seed: number;
}

/** The sampler that changes nothing and takes the likeliest token. */
export const GREEDY: Sampler = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  logitBias: new Map(),
  suppress: [],
  seed: 0,
};

/**
 * Who sees whom. Row q sees key k iff `index[k] <= horizon[q]`.
 * `causal`: its own index. `block`: the end of its block, blocks aligned at absolute position 0. `full`: everything.
 * `parents`: all kept rows and its ancestors; -1 is the last kept token, other values index this forward's rows.
 * `rank`: explicit ranks for every row of this forward, kept rows have the rank of their position; `strict` means `<`
 * (a row with no visible key attends to nothing). The last `queries` rows are seen by none, themselves included: they ask, as
 * the query stream of two-stream attention does.
 */
export type Attend =
  | "causal"
  | "full"
  | { block: number }
  | { parents: readonly number[] }
  | { rank: readonly number[]; strict?: boolean; queries?: number };

/** A token that exists only on the device (or in a mock's result) so far: word `word` of `pending`'s record. */
export interface TokenRef {
  readonly pending: Pending<unknown>;
  readonly word: number;
}

/** One forward: `tokens.length` rows behind the kept ones. */
export interface ForwardRequest {
  tokens: readonly (TokenId | TokenRef)[];
  /** Rotary positions; default: the row's cache slot (tree rows: prefix length + depth). */
  positions?: readonly number[];
  /** Overwrite these cache slots without moving the length (dual and delayed caches). `keep` must be 0. */
  slots?: readonly number[];
  attend: Attend;
  /** Rows that need logits; default "all". */
  rows?: "all" | "last" | readonly number[];
  /** Keep the rows' hidden states, behind the last norm, for the head's next forward. */
  hidden?: boolean;
  /**
   * So many last rows are masks (`Session.maskSampler`): their `tokens` say which, from 0, and they run through the adapter. No
   * other row may see one, and none is kept.
   */
  masks?: number;
  /** Of a head or a mask sampler, and only there: what each row reads beside its token. */
  features?: readonly Feature[];
  /** The first `keep` rows join the sequence; the rest is scratch that no later forward sees. */
  keep: number;
}

/** A hidden state: of a row of the last forward with `hidden` of the session that a head belongs to, or of the head's own last one. */
export interface Feature {
  of: "trunk" | "head";
  row: number;
}

/** One drawn (or argmax) token of a row. `logprob` is of the untempered model law without suppressed ids. */
export interface Selected {
  token: TokenId;
  logprob: number;
}

/** What a row's law says, of the untempered model law without suppressed ids: a drawn token, and how sure the law is. */
export interface Measured extends Selected {
  /** In nats. */
  entropy: number;
  /** The likeliest token; the lowest id on ties. */
  top: Selected;
  /** Log-probability of the second likeliest token; -Infinity where there is none. */
  secondLogprob: number;
  /** KL(law ‖ the law last measured at this position) in nats; null without a memory of laws, or for the first. */
  divergence: number | null;
  /** Log-probability of the token that was given for this row; null where none was. */
  given: number | null;
}

/** How rows are measured. */
export interface Measuring {
  /** A memory of the steps before, and the positions that the rows fill, by which it knows them. */
  memory?: { of: RowMemory; positions: readonly number[] };
  /** Of the noise; 0 unless given. */
  draw?: number;
  /** A token for each row, whose log-probability is asked for. */
  given?: readonly TokenId[];
}

/** Room on the device for a `MemoryRule`'s memory of up to 64 neighbouring positions. Empty when it is made. */
export interface RowMemory {
  readonly rule: MemoryRule;
}

/** Outcome of a verification: the accepted drafts, then one recovered or bonus token. */
export interface Verdict {
  /** Drafts accepted, 0..γ. */
  accepted: number;
  /** The drafted tokens as the device saw them, in row order (row 0 is the pending token and not part of it). */
  drafts: TokenId[];
  /** Accepted drafts and the final token: `accepted + 1` entries. */
  emitted: { token: TokenId; logprob: number }[];
  /** Rows (of the forward's logit rows) on the accepted path, row 0 first: `accepted + 1` entries. */
  path: number[];
}

/**
 * Room on the device for what one round's tokens are drawn from: the laws of `numDrafts` drafts, and the target's. Drafts are
 * those of `numChains` chains of one length, draft d K + c the one of depth d in chain c; a chain or a tree is one chain.
 */
export interface Laws {
  readonly numDrafts: number;
  readonly numChains: number;
  /** The chains' first drafts are drawn without replacement: they differ, but where the law has fewer tokens. */
  readonly isDistinct: boolean;
}

/** A rule that keeps drafts, other than shared noise, and what it compares. Text of the last two isn't the target's law. */
export type Judging =
  /** Drafts were drawn by `Rows.draft` with these laws; `rejection` and `block` judge one chain. */
  | { rule: LawRule; laws: Laws }
  /** Drafts x with p(x) > min(threshold, alpha exp(-H(p))), of any chain or tree; of `laws` only the target's are used. */
  | { rule: "typical"; laws: Laws; threshold: number; alpha: number }
  /**
   * Drafts of a greedy chain, up to the first whose drafter gave it a probability under `fallback`, and up to one with
   * -log p over `rollback` that isn't the target's own choice; `isLiteral`: only the first such draft counts.
   */
  | { rule: "bild"; drafts: readonly Pending<Selected[]>[]; fallback: number; rollback: number; isLiteral: boolean };

/** Which masked rows to commit this step. */
export interface UnmaskPolicy {
  order: "confidence" | "random" | "left_to_right";
  /** Commit exactly this many (cut to the number of rows), or … */
  quota?: number;
  /** … every row whose confidence (probability of the choice) is at least this, always at least the best one. */
  threshold?: number;
  /** `draw` of the noise for `order: "random"`. */
  draw: number;
  /** Only rows whose token this is are candidates; left out: all rows are. */
  mask?: TokenId;
}

/** Outcome of an unmask selection, one entry per logit row. */
export interface Unmasked {
  rows: { token: TokenId; logprob: number; commit: boolean }[];
}

/** Successors that `TextDrafts` keep of each token. */
export const NUM_SUCCESSORS = 8;

/** How a chain is copied out of a text. */
export interface Copying {
  /** The token behind the session's kept ones. */
  last: TokenId | TokenRef;
  /** Longest sequence to look for. */
  maxNgram: number;
  /** Tokens to copy. */
  count: number;
  /** Where to look, two tokens or more; left out: in the kept tokens and the last themselves. */
  text?: readonly TokenId[];
}

/**
 * Drafts that are made on the device out of what it holds, without a model and before anything of it is read back. They are
 * as many as asked for, even where nothing is known: then they are drafts that can only be lucky.
 */
export interface TextDrafts {
  /**
   * What follows the leftmost of the longest occurrences of the last tokens. Where the text ends it goes on with what was
   * copied; without an occurrence it is the last token again and again.
   */
  copy(copying: Copying): Pending<TokenId[]>;
  /** Forgets all successors. */
  forget(): void;
  /**
   * For each path of ranks (of `NUM_SUCCESSORS`, at most 9 on a path) the token at its end, from `last` on by each token's successors; a path ends
   * early where one isn't known.
   */
  follow(last: TokenId | TokenRef, paths: readonly (readonly number[])[]): Pending<TokenId[]>;
}

/**
 * A result that is still on its way. Not a promise (no `then`), so that yielding one never awaits it.
 * Outlives its session's next forward.
 */
export interface Pending<T> {
  /** A device handle usable as an input of later forwards. Selected[]: row index; of lists of k a row: row · k + place; Unmasked: row index, of the token that the row has then, committed or as before; Verdict: "last" | "previous". */
  ref(pick: number | "last" | "previous"): TokenRef;
  /** The value, late. Calling it twice gives the same value. */
  read(): Promise<T>;
}

/** Logit rows of one forward. They die at the session's next forward: use after that throws `InvariantError`. */
export interface Rows {
  readonly count: number;
  /** Draws one token per row with noise of purpose "token"; next-token rows at position p fill p + 1, in-place rows fill p. */
  sample(sampler: Sampler, draw?: number): Pending<Selected[]>;
  /** Greedy: the largest logit of each row. */
  argmax(): Pending<Selected[]>;
  /** The k most likely tokens of each row, most likely first. */
  topK(k: number): Pending<Selected[][]>;
  /**
   * The k first tokens of each row's race, for drafts: the first is what `sample` draws with the same noise, the next what it
   * would draw without that, and so on. Penalties and truncation don't count here.
   */
  race(sampler: Sampler, k: number): Pending<TokenId[][]>;
  /** Draws per row as `sample` does, and measures each row's law. */
  measure(sampler: Sampler, how?: Measuring): Pending<Measured[]>;
  /** Draws per row, then commits by policy. In-place rows: fills the row's own position. */
  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked>;
  /** Row 0 is the pending token, the other rows are drafts (a chain, or the forward's `parents` tree). Shared-noise rule. */
  verify(sampler: Sampler): Pending<Verdict>;
  /**
   * Draws the draft at `depth` (0 for a round's first) of each chain, row by row, with noise of the round's and the chain's
   * own, and keeps the laws that they were drawn from. Next-token rows only. A round's first of distinct chains are drawn
   * from one row's law, by the noise of the first chain; not so at temperature 0.
   */
  draft(sampler: Sampler, laws: Laws, depth: number): Pending<Selected[]>;
  /** As `verify`, by another rule. */
  judge(sampler: Sampler, judging: Judging): Pending<Verdict>;
  /** From now on the successors of each row's token are the row's `NUM_SUCCESSORS` likeliest; of a token that several rows hold, the last row's. */
  teach(drafts: TextDrafts): void;
  /**
   * Mixes another model's logits in, row by row: what is asked of these rows from now on has the law p^(1-share) q^share, where q
   * is that of `other`'s row. `other` has as many rows or fewer, of the same vocabulary, and is alive.
   */
  blend(other: Rows, share: number): void;
  /** Raw logits `[count, V]`: tests and `score` only. */
  logits(): Promise<Float32Array>;
}

/** Scores block lengths by a model's states. */
export interface LengthPolicy {
  /** A score for each of `policyLengths`, by this row of the session's last forward, which kept `hidden` states. */
  score(row: number): Promise<Float32Array>;
}

/** Counts of work since the session was made. */
export interface SessionCounts {
  forwards: number;
  rows: number;
  dispatches: number;
  readbackBytes: number;
}

/**
 * One sequence on one model. `forward` is synchronous: it enqueues and returns.
 * Invalid requests throw before anything is enqueued.
 */
export interface Session {
  readonly counts: SessionCounts;
  forward(request: ForwardRequest): Rows;
  /** Promote the scratch rows on an accepted path (verdict of the last forward), compacted. */
  keep(verdict: Pending<Verdict>): void;
  /** Room for the laws of up to `numDrafts` drafts that this session verifies; the same one when asked again. */
  laws(numDrafts: number, numChains?: number, isDistinct?: boolean): Laws;
  /** An empty memory for rows of this session; one of the same rule takes the place of an earlier one. */
  rowMemory(rule: MemoryRule): RowMemory;
  /** Drafts by this session's tokens. The same ones when asked again. */
  textDrafts(): TextDrafts;
  /**
   * A session on the first `numLayers` layers (fewer than all) of this one's model, which ends in the model's own final norm
   * and LM head; with a cache of its own. The same one when asked again; it goes with this one.
   */
  shallow(numLayers: number): Session;
  /** Another session on this one's model, for what is read beside it. The same one when asked again; it goes with this one. */
  twin(): Session;
  /**
   * The session on the head that this one's model was loaded with: a few layers that read a token and a hidden state each, and
   * end in the model's own LM head. With a cache of its own. An EAGLE head (arXiv 2401.15077) reads the next token and the state
   * before it: its row i is that of token i + 1. A joint sampler (arXiv 2509.22738) reads a canvas and the states of its
   * positions, and predicts masks in place. The same one when asked again; it goes with this one.
   */
  head(): Session;
  /**
   * The session on the sampler head of the adapter that this one's model was loaded with (arXiv 2507.11851): each row reads the
   * state of a mask row and the token before what that row predicts; it keeps nothing. The same one when asked again; it goes
   * with this one.
   */
  maskSampler(): Session;
  /** The policy that this one's model was loaded with, on this session's states. The same one when asked again. */
  lengthPolicy(): LengthPolicy;
  /** Kept rows. Throws `InvariantError` while it depends on an unread result. */
  readonly length: number;
  /** Largest value `length` can have once everything is read. Never throws. */
  readonly maxLength: number;
  /** Cut to `length`, or to another session's (perhaps unread) length plus `offset`; never grows. */
  truncate(length: number | Session, offset?: number): void;
  /** Waits until `length` is known. */
  settle(): Promise<void>;
  /** Cut to the longest prefix equal to `ids` (a settled session only); returns the length. */
  match(ids: readonly TokenId[]): number;
  dispose(): void;
}

/** A loaded model: makes sessions. */
export interface Model {
  readonly name: string;
  readonly capabilities: Capabilities;
  session(): Session;
  dispose(): void;
}
