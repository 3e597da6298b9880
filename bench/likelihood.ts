import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../scripts/setup.mjs";
import { evaluationRows } from "../src/decode/likelihood/documents.js";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { evenRows, nelboOfRows } from "../src/decode/likelihood/nelbo.js";
import { scoreRows } from "../src/decode/likelihood/score.js";
import { beginReport, type Report, table, writeReport } from "./report.js";

const TEXT = "tests/fixtures/valid-sample.txt";
const DRAWS = 4;

/** The file that `likelihood` writes: in nats per token of one text, the same tokens for all. */
export interface LikelihoodReport extends Report {
  tokens: number;
  /** Of models that read left to right. */
  causal: { model: string; nll: number }[];
  /** Of block diffusion: an estimate of what the text's negative log-likelihood is at most, with the error of its random masks. */
  bounds: { model: string; block: number; nelbo: number; standardError: number }[];
}

/** `bench likelihood`: true when everything was measured. Estimates from a seed, so there are no rounds. */
export async function likelihood(): Promise<boolean> {
  const report = beginReport("likelihood", null);
  const text = readFileSync(path.join(root, TEXT), "utf8");
  const gpu = await openNodeDevice({ software: true });
  const open = async (name: string) => {
    const folder = await openFolder(fileSource(path.join(root, "public/models", name)));
    const { tokenizer } = folder;
    if (!tokenizer) throw new Error(`${name} has no tokenizer`);
    return {
      rows: evenRows(evaluationRows(text, (document) => tokenizer.promptIds(document))),
      model: await loadFolder(gpu, folder),
    };
  };
  const causal: LikelihoodReport["causal"] = [];
  let tokens = 0;
  for (const name of ["story-ar", "story-draft"]) {
    const { model, rows } = await open(name);
    const scored = await scoreRows(model, rows);
    tokens = scored.tokens;
    causal.push({ model: name, nll: scored.nll });
    console.log(`${name}: ${scored.nll.toFixed(3)}`);
    model.dispose();
  }
  const bounds: LikelihoodReport["bounds"] = [];
  const name = "story-diffusion";
  const { model, rows } = await open(name);
  for (const block of [...model.capabilities.blockLengths].sort((a, b) => a - b)) {
    const { nelbo, standard_error } = await nelboOfRows(model, rows, { block, draws: DRAWS, seed: 1 });
    bounds.push({ model: name, block, nelbo, standardError: standard_error });
    console.log(`${name}, blocks of ${block}: ${nelbo.toFixed(3)} ± ${standard_error.toFixed(3)}`);
  }
  model.dispose();
  const full: LikelihoodReport = { ...report, adapter: { ...gpu.facts }, versions: {}, tokens, causal, bounds };
  const lines = [
    `${tokens} tokens of \`${TEXT}\`, which no model was trained on; nats per token.`,
    "",
    ...table(
      ["model", "reads", "nats per token"],
      [
        ...causal.map((one) => [one.model, "left to right", one.nll.toFixed(3)]),
        ...bounds.map((one) => [
          one.model,
          `blocks of ${one.block}`,
          `at most ${one.nelbo.toFixed(3)} ± ${one.standardError.toFixed(3)}`,
        ]),
      ],
    ),
    "",
    `At most: the evidence bound, estimated by ${DRAWS} draws of masks for each document, with the standard error of their mean.`,
  ];
  writeReport(full, lines);
  return true;
}
