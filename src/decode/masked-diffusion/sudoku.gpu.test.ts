// The embedded Sudoku pair: its logits against the framework it was trained in, and puzzles. Orders of decoding on all 200: `sudoku.onnx.test.ts`.
import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { type LoadedModel, loadModel } from "../../testing/load-model.js";
import { fileDevice } from "../../testing/file-device.js";
import { count, solve } from "../../testing/sudoku-puzzles.js";

interface Golden {
  ids: number[];
  logits: number[][];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const { goldens } = readJson("tests/fixtures/sudoku.json") as {
  goldens: Record<"sudoku-ar" | "sudoku-diffusion", Golden>;
};

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

it("solves puzzles by threshold in at most four forwards", async () => {
  const { solved, mostForwards } = await solve(modelOf("sudoku-diffusion"), () => ({ threshold: 0.9 }), { some: 20 });
  expect(count(solved)).toBeGreaterThanOrEqual(18);
  expect(mostForwards).toBeLessThanOrEqual(4);
});
