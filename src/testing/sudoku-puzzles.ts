import { readFileSync } from "node:fs";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import { generate } from "../decode/engine/engine.js";
import { readPrompt } from "../tokenizer/prompt.js";
import type { FolderModel } from "./folder-model.js";

/** The 200 puzzles of the embedded pair, none of which was shown in training: cells with `.` for blanks, and the only solution. */
export const puzzles = JSON.parse(readFileSync("public/models/sudoku-diffusion/puzzles.json", "utf8")) as [
  string,
  string,
][];

/** How many are solved. */
export const count = (solved: readonly boolean[]) => solved.filter(Boolean).length;

/** Fills the blanks of `some` puzzles: which are solved, the texts, the most forwards that one took, and the rows of all. */
export async function solve(
  { model, tokenizer }: FolderModel,
  options: (index: number) => Record<string, unknown>,
  { some = puzzles.length, decoder = blockDiffusion } = {},
) {
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
