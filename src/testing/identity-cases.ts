import type { TokenId } from "../vocabulary/events.js";
import type { Model } from "../seam/model.js";
import type { Retokenizer } from "../tokenizer/retokenize.js";
import { threefry2x32 } from "../sampling/noise.js";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import { type Rehearsal, rehearse } from "./rehearsal.js";
import { speculativeFrom } from "../decode/speculative/decoder.js";
import { blockDrafts } from "../decode/speculative/drafters/block-diffusion.js";
import { DraftTree } from "../decode/speculative/drafters/draft-tree.js";
import { hostSource } from "../decode/speculative/rounds/host-rounds.js";
import { mtp } from "../decode/speculative/drafters/mtp.js";
import { chainOf, type Draft, type DraftSource } from "../decode/speculative/drafters/source.js";

/** Temperatures of the product of cases in which a lossless drafter must write autoregressive text. */
export const TEMPERATURES = [0, 0.5, 1, 1.5] as const;
/** Filters and penalties of that product. */
export const FILTERS = [{}, { top_p: 0.7 }, { min_p: 0.15 }, { repetition_penalty: 1.4 }] as const;
/** Draft lengths of that product. */
export const LENGTHS = [0, 1, 2, 5, 8] as const;

/** Two models, and what is written on them. */
export interface IdentitySetup {
  /** `blockDraft` fills in masks by blocks. */
  models: { target: Model; draft: Model; blockDraft?: Model };
  /** Between the models' vocabularies; left out, they have the same ids. */
  retokenizer?: Retokenizer;
  promptIds: readonly TokenId[];
  corpus: readonly TokenId[];
  numTokens: number;
}

/** Autoregressive text, and how it was asked for. */
export interface PlainText {
  common: Readonly<Record<string, unknown>>;
  /** Prompt included. */
  ids: readonly TokenId[];
  completion: readonly { token: TokenId | null; logprob: number | undefined }[];
}

/** What `autoregressive` writes at one temperature and filter of the product. */
export async function writePlain(setup: IdentitySetup, temperature: number, filter: number): Promise<PlainText> {
  const { models, promptIds, numTokens } = setup;
  const chosen = FILTERS[filter];
  // What filters draws is refused where nothing is drawn.
  const own = temperature === 0 && !("repetition_penalty" in chosen) ? {} : chosen;
  const common = { max_new_tokens: numTokens, temperature, seed: 10 + filter, ...own };
  const rehearsal = await rehearse({ models, promptIds, decoder: autoregressive, options: common });
  const { canvas } = rehearsal;
  end(rehearsal);
  return { common, ids: canvas.ids(), completion: completionOf(canvas) };
}

/** The same by `speculative` with this source and draft length. */
export async function writeDrafted(setup: IdentitySetup, plain: PlainText, source: DraftSource, length: number) {
  const { promptIds, corpus, retokenizer } = setup;
  const { target, draft, blockDraft } = setup.models;
  const models = { target, draft: source.name.startsWith(blockDrafts.name) ? (blockDraft ?? draft) : draft };
  // Only a corpus has retrieval draft; the others must do without.
  const own = {
    ...(source.name === "retrieval" && length > 0 ? { corpus } : {}),
    ...(source === mtp ? layoutOf(length) : {}),
  };
  const options = { ...plain.common, ...own, num_assistant_tokens: length };
  const decoder = speculativeFrom([source]);
  const rehearsal = await rehearse({ models, promptIds, retokenizer, decoder, options });
  const { done, canvas } = rehearsal;
  end(rehearsal);
  return { completion: completionOf(canvas), metrics: done.metrics };
}

/** Both: behind every draft there is room for seven masks at most, and long groups are many rows. */
function layoutOf(length: number) {
  return { mtp_layout: length > 2 ? "linear" : "quadratic" };
}

/** Every run has sessions of its own: on those of another run of the same text a draft would find the right keys and values already. */
function end({ target, draft }: Rehearsal): void {
  target.dispose();
  draft?.dispose();
}

function completionOf(canvas: Rehearsal["canvas"]) {
  return canvas.completion().map(({ token, logprob }) => ({ token, logprob }));
}

/** Which draft lengths the text-th of the product's 16 texts is written with: a fifth of them, another choice for each. */
export function someLengths(text: number): readonly number[] {
  return LENGTHS.filter((_, length) => (text + 2 * length) % 10 < 2);
}

/** Drafters that know the text (by `expected`, prompt included) and draft it, avoid it or hide it, and two that guess. */
export function fuzzersOf(expected: () => readonly TokenId[], vocabSize: number): DraftSource[] {
  const future = (ids: readonly TokenId[], limit: number) => expected().slice(ids.length, ids.length + limit);
  const random = (ids: readonly TokenId[], i: number, below: number) => threefry2x32(9, 9, ids.length, i)[0] % below;
  return [
    fuzzer("always-right", (ids, limit) => chainOf(future(ids, limit))),
    fuzzer("always-wrong", (ids, limit) => chainOf(future(ids, limit).map((token) => (token + 1) % vocabSize))),
    fuzzer("random-chain", (ids, limit) =>
      chainOf(Array.from({ length: random(ids, 0, limit + 1) }, (_, i) => random(ids, i + 1, vocabSize))),
    ),
    fuzzer("random-tree", (ids, limit) => {
      const tree = new DraftTree(random(ids, 0, limit + 1));
      for (let i = 0; i < limit; i++)
        tree.add(random(ids, 2 * i, tree.tokens.length + 1) - 1, random(ids, 2 * i + 1, vocabSize));
      return tree;
    }),
    // The right path, somewhere in a tree of wrong ones.
    fuzzer("right-in-tree", (ids, limit) => {
      const tree = new DraftTree(limit);
      let node = -1;
      for (const token of future(ids, Math.ceil(limit / 3))) {
        tree.add(node, (token + 1) % vocabSize);
        const wrong = tree.add(node, (token + 2) % vocabSize);
        tree.add(wrong < 0 ? node : wrong, token);
        node = tree.add(node, token);
        if (node < 0) break;
      }
      return tree;
    }),
  ];
}

/** These sources one round late. */
export function lateOnes(sources: readonly DraftSource[]): DraftSource[] {
  return sources.map((source) => ({
    ...source,
    name: `${source.name}, late`,
    rounds: (run) => source.rounds({ ...run, options: { ...run.options, draft_timing: "late" } }),
  }));
}

/** Those that take it with adaptive lengths, by costs at which some rounds draft, some don't and some tokens are plain. */
export function adaptiveOnes(sources: readonly DraftSource[]): DraftSource[] {
  const adaptive = {
    num_assistant_tokens_schedule: "adaptive",
    forward_costs: { 1: 1, 2: 1.05, 16: 1.4 },
    draft_cost: 0.1,
    wait_cost: 0.1,
  };
  return sources
    .filter(({ name, isChain }) => isChain && name !== "retokenized" && name !== "mtp")
    .map((source) => ({
      ...source,
      name: `${source.name}, adaptive`,
      rounds: (run) => source.rounds({ ...run, options: { ...run.options, ...adaptive } }),
    }));
}

function fuzzer(name: string, draft: (ids: readonly TokenId[], limit: number) => Draft): DraftSource {
  return hostSource({
    name,
    label: name,
    summary: name,
    numTokens: 4,
    isChain: true,
    options: {},
    open: () => ({ draft }),
  });
}
