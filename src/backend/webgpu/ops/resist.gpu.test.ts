// resist, against momentum decoding by its definition in float64.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import { definedChoice } from "../../../testing/defined-length.js";
import { fileBed } from "../../../testing/file-device.js";
import { bits, numbers } from "../../../testing/test-bed.js";
import { makeOp } from "./op.js";
import { selectStep } from "./select-step.js";
import { SELECT_WORDS } from "./selection.js";

const NONE = 0xffffffff;
const NEVER = 1e30;
/** What the words of select records that a kernel leaves alone hold. */
const LEFT = 0x1234567;
const PAPER = [0, 0.2, 0.4, 0.6, 0.8, 1];

const bed = await fileBed();

/** Ids below `vocab`, the same for the same seed. */
function ids(seed: number, length: number, vocab: number): TokenId[] {
  return Array.from(numbers(seed, length), (x) => Math.floor(((x + 1) / 2) * vocab));
}

interface Candidate {
  token: TokenId;
  probability: number;
}

/** So many different ids, likeliest first. */
function candidatesOf(seed: number, k: number, vocab: number): Candidate[] {
  const shares = Array.from(numbers(seed, k), (x) => x + 1.01).sort((a, b) => b - a);
  const total = shares.reduce((a, b) => a + b, 0.3);
  const [first] = ids(seed + 1, 1, vocab);
  return shares.map((share, i) => ({ token: (first + i) % vocab, probability: share / total }));
}

/** What a row saw: so many kept slots, and behind them those of a path by their distance from there. */
interface Seen {
  kept: number;
  path: readonly number[] | null;
}

/** Each row's token and log-probability once its candidates were compared. */
async function taken(
  slots: readonly TokenId[],
  rows: readonly (Seen & { candidates: readonly Candidate[] })[],
  resistance: readonly number[],
  workgroup?: number,
): Promise<{ token: TokenId; logprob: number }[]> {
  const { queue, results, device } = bed.gpu;
  const [k, n] = [rows[0].candidates.length, rows.length];
  // Behind the table stands what is no part of it.
  const parents = bed.inputs([...resistance, 9].map((value) => bits(Math.min(NEVER, value))));
  const records = rows.flatMap(({ kept, path }, row) => {
    const list = path ? bed.inputs(path) : NONE;
    return [0, 0, row, 0, kept + (path?.length ?? 0), path ? kept : 9, list, 0];
  });
  // Forward rows in another order than logit rows.
  const rowsList = bed.inputs(rows.map((_, row) => n - 1 - row));
  const reversed = rows.flatMap((_, row) => records.slice((n - 1 - row) * 8, (n - row) * 8));
  const { offset: result } = results.reserve(n * (SELECT_WORDS + k * 2));
  const given = rows.flatMap(({ candidates }) =>
    candidates.flatMap(({ token, probability }) => [token, bits(Math.log(probability))]),
  );
  queue.flush();
  const before = Uint32Array.from([...new Array<number>(n * SELECT_WORDS).fill(LEFT), ...given]);
  device.queue.writeBuffer(results.buffer, result * 4, before);
  const buffers = [
    bed.words("rows", reversed),
    bed.words(
      "slots",
      slots.flatMap((token, i) => [i, i, token, 7]),
    ),
  ];
  const bindings = [queue.inputs.buffer, ...buffers, results.buffer];
  const op = makeOp(bed.gpu, "resist", workgroup ? { WORKGROUP_SIZE: workgroup } : {}, bindings);
  op.recordGroups(selectStep(queue, { numRows: n, rowsList, result, k, parents, depth: resistance.length - 1 }), n);
  const words = await bed.readWords(results.buffer, before.length, result);
  // Nothing else is written.
  expect(words.subarray(n * 2)).toEqual(before.subarray(n * 2));
  const floats = new Float32Array(words.buffer);
  return rows.map((_, row) => ({ token: words[row * 2], logprob: floats[row * 2 + 1] }));
}

describe.each([undefined, 64])("in workgroups of %s", (workgroup) => {
  it.each([
    // [slots that the row saw, vocabulary, candidates, resistance]
    { length: 1, vocab: 1, k: 1, resistance: PAPER },
    { length: 1, vocab: 3, k: 3, resistance: [0, 0.4] },
    { length: 2, vocab: 2, k: 2, resistance: PAPER },
    { length: 5, vocab: 2, k: 2, resistance: PAPER },
    { length: 63, vocab: 3, k: 3, resistance: [0, 0.1, 0.1, 0.3, 0.2, 0.25] },
    { length: 65, vocab: 5, k: 5, resistance: [0, Infinity] },
    { length: 130, vocab: 67, k: 10, resistance: PAPER },
    { length: 200, vocab: 4, k: 4, resistance: [0, 0, 0, 0.05, 0.3, 0.2, 0.3, Infinity] },
    { length: 257, vocab: 129, k: 64, resistance: [0, 0.01, 0.02, 0.5] },
    { length: 20, vocab: 12, k: 7, resistance: [0.1] },
    { length: 511, vocab: 7, k: 7, resistance: [0.1] },
  ])("of $k candidates behind $length tokens of $vocab the one that float64 takes", async (shape) => {
    const { length, vocab, k, resistance } = shape;
    for (let seed = 0; seed < 5; seed++) {
      const text = ids(100 * length + seed, length, vocab);
      const candidates = candidatesOf(seed + k, k, vocab);
      // What lies behind in the cache is no part of the text.
      const slots = [...text, ...candidates.map(({ token }) => token)];
      const [{ token, logprob }] = await taken(
        slots,
        [{ kept: length, path: null, candidates }],
        resistance,
        workgroup,
      );
      const { place } = definedChoice(candidates, text, resistance);
      expect(token).toBe(candidates[place].token);
      expect(logprob).toBe(Math.fround(Math.log(candidates[place].probability)));
    }
  });

  it("each of many rows compares by what it saw itself: a chain's by its slots, a tree's by its path", async () => {
    const slots = ids(4, 90, 4);
    const rows = Array.from({ length: 65 }, (_, row) => {
      const kept = row % 3 === 0 ? row + 1 : 20;
      const path = row % 3 === 0 ? null : ids(row, row % 6, 70).sort((a, b) => a - b);
      return { kept, path, candidates: candidatesOf(row, 4, 4) };
    });
    const answers = await taken(slots, rows, PAPER, workgroup);
    const lengths = new Set<number>();
    for (const [row, { kept, path, candidates }] of rows.entries()) {
      const text = [...slots.slice(0, kept), ...(path ?? []).map((place) => slots[kept + place])];
      const expected = definedChoice(candidates, text, PAPER);
      for (const length of expected.lengths) lengths.add(length);
      expect(answers[row].token).toBe(candidates[expected.place].token);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("of candidates", () => {
  const offered = (probabilities: readonly number[]) =>
    probabilities.map((probability, token) => ({ token, probability }));
  const ask = async (slots: readonly TokenId[], candidates: readonly Candidate[], resistance: readonly number[]) => {
    const [{ token }] = await taken(slots, [{ kept: slots.length, path: null, candidates }], resistance);
    return token;
  };

  it("that have the same score the first is taken", async () => {
    expect(await ask([9, 8], offered([0.25, 0.25, 0.25]), PAPER)).toBe(0);
    expect(await ask([0, 1, 2], offered([0.25, 0.25, 0.25]), [0, 0.1])).toBe(0);
  });

  it("that are all ruled out the first is taken, else the first that isn't", async () => {
    const candidates = offered([0.5, 0.3, 0.1]);
    expect(await ask([2, 1, 0], candidates, [0, Infinity])).toBe(0);
    expect(await ask([1, 0], candidates, [0, Infinity])).toBe(2);
    expect(await ask([1, 0], candidates, [0, 1e38])).toBe(2);
  });

  it("the likelier is taken where resistance is huge and equal, and the less resisted where it isn't", async () => {
    expect(await ask([1, 0], offered([0.5, 0.3]), [0, 1e12])).toBe(0);
    expect(await ask([1, 0, 0], offered([0.5, 0.3]), [0, 1e12, 2e12])).toBe(1);
  });

  it("of a row whose logits aren't finite none is taken, whatever the text holds", async () => {
    const none = Array.from({ length: 3 }, () => ({ token: NONE, probability: 0.2 }));
    expect(await ask([5, NONE, NONE], none, PAPER)).toBe(NONE);
  });
});
