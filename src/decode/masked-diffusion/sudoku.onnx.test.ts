// The embedded Sudoku pair on ONNX Runtime, ten times as fast here as the emulated GPU: orders of decoding on 200 puzzles.
import { beforeAll, describe, expect, it } from "vitest";
import { type FolderModel, onOnnx } from "../../testing/folder-model.js";
import { onnxDevice } from "../../testing/onnx-device.js";
import { count, puzzles, solve } from "../../testing/sudoku-puzzles.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { generate } from "../engine/engine.js";
import { maskedDiffusion } from "./decoder.js";

const load = onOnnx(await onnxDevice());
let ar: FolderModel;
let diffusion: FolderModel;
beforeAll(async () => {
  ar = await load("sudoku-ar", {});
  diffusion = await load("sudoku-diffusion", {});
});

describe("200 puzzles of six clues, none of which was shown in training", () => {
  it("are solved by confidence, worse in random order, and by threshold in at most four forwards", async () => {
    const byConfidence = await solve(diffusion, () => ({ commit_rule: "quota" }));
    expect(count(byConfidence.solved)).toBeGreaterThanOrEqual(195);
    expect(byConfidence.mostForwards).toBe(10);
    const byThreshold = await solve(diffusion, () => ({ threshold: 0.9 }));
    expect(count(byThreshold.solved)).toBeGreaterThanOrEqual(195);
    expect(byThreshold.mostForwards).toBeLessThanOrEqual(4);
    const atRandom = await solve(diffusion, (seed) => ({ commit_rule: "first_hitting", seed }));
    // McNemar's exact test, one-sided: puzzles that only one of the two solves are a fair coin otherwise.
    const onlyConfidence = puzzles.filter((_, i) => byConfidence.solved[i] && !atRandom.solved[i]).length;
    const onlyRandom = puzzles.filter((_, i) => !byConfidence.solved[i] && atRandom.solved[i]).length;
    expect(tailOfCoin(onlyConfidence + onlyRandom, onlyRandom)).toBeLessThan(0.001);
  });

  it("are solved on the whole canvas as in one block, cell for cell, and with each cache in fewer rows", async () => {
    const some = IS_WHOLE ? 200 : 20;
    const whole = { commit_rule: "quota", block_length: 16 };
    const asOneBlock = await solve(diffusion, () => ({ commit_rule: "quota" }), { some });
    const plain = await solve(diffusion, () => whole, { some, decoder: maskedDiffusion });
    expect(plain.texts).toEqual(asOneBlock.texts);
    expect(plain.rows).toBe(some * 160);
    // Ten forwards a puzzle, each of them of what its cache doesn't hold.
    for (const cache of ["prefix", "dual", "delayed"]) {
      const halves = cache === "delayed" ? whole : { ...whole, block_length: 8 };
      const cached = await solve(diffusion, () => ({ ...halves, cache }), { some, decoder: maskedDiffusion });
      expect(cached.rows).toBeLessThan(plain.rows);
      expect(count(cached.solved)).toBeGreaterThan(0.8 * some);
      if (cache !== "delayed") continue;
      // All 16 in steps 1 and 9; in the others those that are open, and the one just written.
      expect(cached.rows).toBe(some * (2 * 16 + (10 + 9 + 8 + 7 + 6 + 5 + 4) + 2));
    }
  });

  it("are less often solved from left to right by the autoregressive model of the same size", async () => {
    const { model, tokenizer } = ar;
    const target = model.session();
    let numSolved = 0;
    const numTried = IS_WHOLE ? 200 : 60;
    for (const [cells, solution] of puzzles.slice(0, numTried)) {
      const { text, metrics } = await generate(
        {
          decoder: autoregressive,
          promptIds: tokenizer.promptIds(`${cells}=`),
          target,
          tokenizer,
          capabilities: model.capabilities,
          options: { max_new_tokens: 16 },
        },
        () => undefined,
      );
      expect(metrics.forwards).toBe(16);
      if (text === solution) numSolved++;
    }
    target.dispose();
    expect(numSolved).toBeGreaterThan(0.5 * numTried);
    expect(numSolved).toBeLessThan(0.975 * numTried);
  });
});

/** P(at most `k` heads of `n` tosses). */
function tailOfCoin(n: number, k: number): number {
  let tail = 0;
  let term = 2 ** -n;
  for (let i = 0; i <= k; i++) {
    tail += term;
    term *= (n - i) / (i + 1);
  }
  return tail;
}
