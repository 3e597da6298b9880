import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import { makeOp } from "./op.js";
import { selectStep } from "./select-step.js";
import { numbers } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const REF = 0x80000000;
const SESSION = 3;

const bed = await fileBed();

/** Ids below `vocab`, the same for the same seed. */
function ids(seed: number, length: number, vocab: number): TokenId[] {
  return Array.from(numbers(seed, length), (x) => Math.floor(((x + 1) / 2) * vocab));
}

/** A word of the results ring that holds this token, as the inputs ring names it. */
function inResults(token: TokenId): number {
  const { results, queue, device } = bed.gpu;
  const { offset } = results.reserve(1);
  queue.flush();
  device.queue.writeBuffer(results.buffer, offset * 4, Uint32Array.of(token));
  return offset + REF;
}

async function draft(name: string, constants: object, buffers: GPUBuffer[], fields: object, count: number, n: number) {
  const { queue, results } = bed.gpu;
  const region = results.reserve(count);
  const op = makeOp(bed.gpu, name, { ...constants }, [queue.inputs.buffer, ...buffers, results.buffer]);
  op.record(selectStep(queue, { ...fields, k: count, result: region.offset }), n);
  return Array.from(await bed.readWords(results.buffer, count, region.offset));
}

/** By the rule's words: all occurrences, longest first, then leftmost; something must follow. */
function copied(written: TokenId[], text: TokenId[], maxNgram: number, count: number): TokenId[] {
  const found: { n: number; from: number }[] = [];
  for (let from = 1; from < text.length; from++) {
    for (let n = 1; n <= Math.min(maxNgram, from, written.length); n++) {
      if (`${text.slice(from - n, from)}` === `${written.slice(-n)}`) found.push({ n, from });
    }
  }
  const [best] = found.sort((a, b) => b.n - a.n || a.from - b.from);
  const out: TokenId[] = [];
  const rest = best ? text.slice(best.from) : written.slice(-1);
  while (out.length < count) out.push(...rest);
  return out.slice(0, count);
}

describe("draft_copy", () => {
  it.each([
    // [kept tokens, vocabulary, longest n-gram, drafts]
    [0, 5, 2, 3],
    [1, 1, 2, 1],
    [2, 2, 3, 7],
    [3, 2, 1, 64],
    [17, 3, 2, 5],
    [64, 4, 3, 4],
    [65, 4, 64, 9],
    [300, 9, 2, 10],
    [511, 40, 4, 33],
  ])("copies what a scan of %d kept tokens finds", async (length, vocab, maxNgram, count) => {
    for (let seed = 0; seed < 6; seed++) {
      const kept = ids(10 * length + seed, length, vocab);
      const last = ids(900 + seed, 1, vocab)[0];
      // What lies behind the kept ones in the cache is no part of the text.
      const slots = [...kept, last, last, last].flatMap((token, i) => [i, i, token, 7]);
      const lengths = bed.words("lengths", [9, 9, 9, length, 9]);
      const buffers = [lengths, bed.words("slots", slots)];
      const isRef = seed % 2 === 0;
      const fields = { session: SESSION, depth: maxNgram, parents: bed.inputs([isRef ? inResults(last) : last]) };
      const drafts = await draft("draft_copy", { OF: "own" }, buffers, fields, count, 1);
      expect(drafts).toEqual(copied([...kept, last], [...kept, last], maxNgram, count));
    }
  });

  it.each([
    // [kept tokens, given tokens, vocabulary, drafts]
    [0, 2, 2, 3],
    [5, 3, 3, 4],
    [12, 30, 4, 8],
    [200, 90, 12, 20],
  ])("copies out of a given text: behind %d kept tokens, of %d", async (length, given, vocab, count) => {
    for (let seed = 0; seed < 6; seed++) {
      const kept = ids(77 * length + seed, length, vocab);
      const text = ids(55 * given + seed, given, vocab);
      const last = ids(800 + seed, 1, vocab)[0];
      const slots = [...kept, 0].flatMap((token, i) => [i, i, token, 7]);
      const buffers = [bed.words("lengths", [9, 9, 9, length]), bed.words("slots", slots)];
      const parents = bed.inputs([last, ...text]);
      const fields = { session: SESSION, depth: 8, parents, rowsList: parents + 1, numRows: given };
      const drafts = await draft("draft_copy", { OF: "given" }, buffers, fields, count, 1);
      expect(drafts).toEqual(copied([...kept, last], text, 8, count));
    }
  });
});

describe("token recycling's successors", () => {
  it.each([8, 3])(
    "are the %d likeliest of the last row of each token, and paths end where they aren't known",
    async (k) => {
      const vocab = 20;
      const { queue, results } = bed.gpu;
      const successors = bed.empty("successors", vocab * 8);
      const expected = new Map<TokenId, TokenId[]>();
      for (let round = 0; round < 4; round++) {
        const tokens = ids(round, 7, 6);
        // Forward rows in another order than logit rows.
        const list = [6, 0, 3, 1, 5, 2, 4];
        const likeliest = list.map((_, i) => ids(40 * round + i, k, vocab));
        const rows = bed.words(
          "rows",
          tokens.flatMap((token) => [token, 0, 0, 0, 0, 0, 0, 0]),
        );
        const { offset } = results.reserve(list.length * k * 2);
        queue.flush();
        const words = likeliest.flatMap((top) => top.flatMap((token) => [token, 0x12345678]));
        bed.gpu.device.queue.writeBuffer(results.buffer, offset * 4, Uint32Array.from(words));
        const op = makeOp(bed.gpu, "learn_successors", {}, [queue.inputs.buffer, rows, results.buffer, successors]);
        op.record(selectStep(queue, { numRows: list.length, rowsList: bed.inputs(list), result: offset, k }), 8);
        list.forEach((row, i) => {
          expected.set(tokens[row], likeliest[i]);
        });
      }
      const paths = Array.from({ length: 63 }, (_, i) => ids(300 + i, i % 10, 8));
      const walked = paths.map((path) => {
        let token: TokenId = 4;
        for (const rank of path) {
          const next = expected.get(token)?.[rank];
          if (next === undefined) break;
          token = next;
        }
        return token;
      });
      expect(new Set(walked).size).toBeGreaterThan(4);
      const packed = paths.map((path) => path.reduce((word, rank, d) => word + rank * 8 ** d, path.length * 2 ** 28));
      const parents = bed.inputs([inResults(4), ...packed]);
      const drafts = await draft("draft_successors", {}, [successors], { parents, rowsList: parents + 1 }, 63, 63);
      expect(drafts).toEqual(walked);
    },
  );
});
