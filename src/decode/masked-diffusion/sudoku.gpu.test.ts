// The embedded Sudoku pair: its logits against the framework it was trained in, and orders of decoding on 200 puzzles.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { type LoadedModel, loadModel } from "../../testing/load-model.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { generate } from "../engine/engine.js";
import { maskedDiffusion } from "./decoder.js";
import { readPrompt } from "../../tokenizer/prompt.js";
import { fileDevice } from "../../testing/file-device.js";

interface Golden {
  ids: number[];
  logits: number[][];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const { goldens } = readJson("tests/fixtures/sudoku.json") as {
  goldens: Record<"sudoku-ar" | "sudoku-diffusion", Golden>;
};
/** Cells with `.` for blanks, and the only solution. */
const puzzles = readJson("public/models/sudoku-diffusion/puzzles.json") as [string, string][];

const gpu = await fileDevice();
const models = new Map<string, LoadedModel>();
const modelOf = (name: string) => models.get(name) as LoadedModel;
beforeAll(async () => {
  for (const name of Object.keys(goldens)) models.set(name, await loadModel(gpu, fileSource(`public/models/${name}`)));
});

it.each(["sudoku-ar", "sudoku-diffusion"] as const)("%s has the logits of its training code", async (name) => {
  const { ids, logits } = goldens[name];
  const session = modelOf(name).model.session();
  const attend = name === "sudoku-ar" ? "causal" : ({ block: 16 } as const);
  const actual = await session.forward({ tokens: ids, attend, rows: "all", keep: 0 }).logits();
  const expected = logits.flat();
  expect(actual).toHaveLength(expected.length);
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[i])), 0);
  expect(worst).toBeLessThan(2e-3);
  session.dispose();
});

describe("200 puzzles of six clues, none of which was shown in training", () => {
  /** Which are solved, and the most forwards that one took. */
  async function solve(
    options: (index: number) => Record<string, unknown>,
    { some = puzzles.length, decoder = blockDiffusion } = {},
  ) {
    const { model, tokenizer } = modelOf("sudoku-diffusion");
    const { maskToken } = model.capabilities;
    const target = model.session();
    const solved: boolean[] = [];
    const texts: string[] = [];
    let mostForwards = 0;
    let rows = 0;
    for (const [index, [cells, solution]] of puzzles.slice(0, some).entries()) {
      const { text, metrics } = await generate(
        {
          decoder,
          promptIds: readPrompt(tokenizer, cells.replaceAll(".", "<mask>"), { isInfill: true, maskToken }).ids,
          target,
          tokenizer,
          capabilities: model.capabilities,
          options: { infill: true, ...options(index) },
        },
        () => undefined,
      );
      // The text leaves out what stands before the first blank.
      solved.push(text === solution.slice(cells.indexOf(".")));
      mostForwards = Math.max(mostForwards, metrics.forwards);
      texts.push(text);
      rows += metrics.rows;
    }
    target.dispose();
    return { solved, mostForwards, texts, rows };
  }
  const count = (solved: readonly boolean[]) => solved.filter(Boolean).length;

  it("are solved by confidence, worse in random order, and by threshold in at most four forwards", async () => {
    const byConfidence = await solve(() => ({ commit_rule: "quota" }));
    expect(count(byConfidence.solved)).toBeGreaterThanOrEqual(195);
    expect(byConfidence.mostForwards).toBe(10);
    const byThreshold = await solve(() => ({ threshold: 0.9 }));
    expect(count(byThreshold.solved)).toBeGreaterThanOrEqual(195);
    expect(byThreshold.mostForwards).toBeLessThanOrEqual(4);
    const atRandom = await solve((seed) => ({ commit_rule: "first_hitting", seed }));
    // McNemar's exact test, one-sided: puzzles that only one of the two solves are a fair coin otherwise.
    const onlyConfidence = puzzles.filter((_, i) => byConfidence.solved[i] && !atRandom.solved[i]).length;
    const onlyRandom = puzzles.filter((_, i) => !byConfidence.solved[i] && atRandom.solved[i]).length;
    expect(tailOfCoin(onlyConfidence + onlyRandom, onlyRandom)).toBeLessThan(0.001);
  }, 180_000);

  it("are solved on the whole canvas as in one block, cell for cell, and with each cache in fewer rows", async () => {
    const some = IS_WHOLE ? 200 : 20;
    const whole = { commit_rule: "quota", block_length: 16 };
    const asOneBlock = await solve(() => ({ commit_rule: "quota" }), { some });
    const plain = await solve(() => whole, { some, decoder: maskedDiffusion });
    expect(plain.texts).toEqual(asOneBlock.texts);
    expect(plain.rows).toBe(some * 160);
    // Ten forwards a puzzle, each of them of what its cache doesn't hold.
    for (const cache of ["prefix", "dual", "delayed"]) {
      const halves = cache === "delayed" ? whole : { ...whole, block_length: 8 };
      const cached = await solve(() => ({ ...halves, cache }), { some, decoder: maskedDiffusion });
      expect(cached.rows).toBeLessThan(plain.rows);
      expect(count(cached.solved)).toBeGreaterThan(0.8 * some);
      if (cache !== "delayed") continue;
      // All 16 in steps 1 and 9; in the others those that are open, and the one just written.
      expect(cached.rows).toBe(some * (2 * 16 + (10 + 9 + 8 + 7 + 6 + 5 + 4) + 2));
    }
  }, 180_000);

  it("are less often solved from left to right by the autoregressive model of the same size", async () => {
    const { model, tokenizer } = modelOf("sudoku-ar");
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
  }, 180_000);
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
