import { readFileSync } from "node:fs";
import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { findDecoder } from "../src/decode/index.js";
import { generate } from "../src/decode/engine/engine.js";
import type { Metrics } from "../src/vocabulary/events.js";
import { promptOf, WAYS, type Way } from "../src/sudoku-ways.js";
import { readPrompt } from "../src/tokenizer/prompt.js";
import { beginReport, type Report, round, table, writeReport } from "./report.js";

const MODELS = path.join(root, "public/models");

/** What is counted of one way, over all puzzles. */
export interface Solved {
  name: string;
  puzzles: number;
  solved: number;
  forwards: number;
  /** Cells and prompt tokens that were computed in them. */
  rows: number;
}

/** The file that `sudoku` writes. */
export interface SudokuReport extends Report {
  results: Solved[];
}

/** `bench sudoku`: true when all was counted. Counts are the same in every run, so there are no rounds. */
export async function sudoku(): Promise<boolean> {
  const report = beginReport("sudoku", null);
  const puzzles = JSON.parse(readFileSync(path.join(MODELS, "sudoku-diffusion/puzzles.json"), "utf8"));
  const gpu = await openNodeDevice({ software: true });
  const results: Solved[] = [];
  for (const way of WAYS) {
    const solve = await solver(gpu, way);
    const counted: Solved = { name: way.name, puzzles: puzzles.length, solved: 0, forwards: 0, rows: 0 };
    for (const [index, [cells, solution]] of puzzles.entries()) {
      const { isSolved, metrics } = await solve(cells, solution, index);
      counted.solved += Number(isSolved);
      counted.forwards += metrics.forwards;
      counted.rows += metrics.rows;
    }
    results.push(counted);
    say(`${way.name}: ${counted.solved} of ${counted.puzzles}`);
  }
  const full: SudokuReport = { ...report, adapter: { ...gpu.facts }, versions: {}, results };
  writeReport(full, [
    `${puzzles.length} puzzles of six clues that neither model was shown in training (\`training/sudoku.py\` draws what they were shown once more).`,
    "",
    ...table(
      ["way", "options", "solved", "forwards a puzzle", "rows a puzzle"],
      results.map(({ name, solved, forwards, rows }, i) => [
        name,
        `\`${JSON.stringify(WAYS[i].options(0))}\``,
        `${solved} of ${puzzles.length}`,
        round(forwards / puzzles.length),
        round(rows / puzzles.length),
      ]),
    ),
    "",
    "Rows: tokens that were computed; what a cache holds isn't among them. On a GPU that is bound by reading weights a forward costs about the same whatever its rows, and less of them pay where a canvas is long.",
  ]);
  return true;
}

/** Solves one puzzle after the other by this way, on one session. */
async function solver(gpu: Awaited<ReturnType<typeof openNodeDevice>>, way: Way) {
  const folder = await openFolder(fileSource(path.join(MODELS, way.model)));
  const model = await loadFolder(gpu, folder);
  const { tokenizer } = folder;
  if (!tokenizer) throw new Error(`${way.model} has no tokenizer`);
  const target = model.session();
  return async (cells: string, solution: string, index: number): Promise<{ isSolved: boolean; metrics: Metrics }> => {
    const { decoder = "autoregressive", ...options } = way.options(index);
    const isInfill = options.infill === true;
    const { maskToken } = model.capabilities;
    const promptIds = readPrompt(tokenizer, promptOf(way, cells), { isInfill, maskToken }).ids;
    const { text, metrics } = await generate(
      {
        decoder: findDecoder(String(decoder)),
        promptIds,
        target,
        capabilities: model.capabilities,
        tokenizer,
        options,
      },
      () => undefined,
    );
    // The text of a filled puzzle leaves out what stands before its first blank.
    const expected = isInfill ? solution.slice(cells.indexOf(".")) : solution;
    return { isSolved: text === expected, metrics };
  };
}
