// topk_chunks and topk_merge, against a sort.
import { describe, expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { scaled, stepped, TestLogits } from "../../../testing/test-logits.js";
import { topK } from "./reference.js";

const bed = await fileBed();

describe("topK agrees with a sort", () => {
  it.each([
    { vocab: 1, k: 1 },
    { vocab: 9, k: 9 },
    { vocab: 67, k: 5 },
    { vocab: 300, k: 64 },
    { vocab: 16387, k: 8 },
  ])("for $k of $vocab, in the order of ids on ties", async ({ vocab, k }) => {
    for (const values of [scaled(k, vocab * 3, 5), stepped(k, vocab * 3), new Float32Array(vocab * 3)]) {
      const logits = new TestLogits(bed, values, vocab);
      (await logits.topK(k)).forEach((actual, l) => {
        const expected = topK(logits.row(l), k);
        expect(actual.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
        actual.forEach(({ logprob }, j) => {
          expect(logprob).toBeCloseTo(expected[j].logprob, 4);
        });
      });
    }
  });

  it.each([
    { vocab: 9, k: 4, suppress: [0, 3, 8] },
    { vocab: 300, k: 8, suppress: Array.from({ length: 200 }, (_, i) => i + 100) },
    { vocab: 2, k: 1, suppress: [1] },
  ])("for $k of $vocab of which some are suppressed, and count for nothing", async ({ vocab, k, suppress }) => {
    const logits = new TestLogits(bed, scaled(k, vocab * 3, 5), vocab);
    (await logits.topK(k, suppress)).forEach((actual, l) => {
      const row = logits.row(l);
      const expected = topK(
        row.map((logit, id) => (suppress.includes(id) ? Number.NEGATIVE_INFINITY : logit)),
        k,
      );
      expect(actual.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
      for (const [j, { logprob }] of actual.entries()) expect(logprob).toBeCloseTo(expected[j].logprob, 4);
    });
  });

  it("takes another k on the same logits without new buffers the second time", async () => {
    const logits = new TestLogits(bed, scaled(4, 300, 5), 300);
    for (const k of [3, 7]) expect((await logits.topK(k))[0].map(({ token }) => token)).toHaveLength(k);
    const { bufferCount } = bed.gpu.arena;
    for (const k of [3, 7, 3]) {
      expect((await logits.topK(k))[0].map(({ token }) => token)).toEqual(
        topK(logits.row(0), k).map(({ token }) => token),
      );
    }
    expect(bed.gpu.arena.bufferCount).toBe(bufferCount);
  });
});
