import { readFile } from "node:fs/promises";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { evaluationRows } from "../decode/likelihood/documents.js";
import { nelboOfRows } from "../decode/likelihood/nelbo.js";
import { checkIds, score, scoreRows } from "../decode/likelihood/score.js";
import { terminalDevices } from "../runtime/terminal.js";
import { type LoadingFlags, refOf } from "./models.js";
import { attention, integer, integerList } from "./numbers.js";
import { announce, printJson, showProgress } from "./output.js";

/** What `triptych score` is asked, as written. */
export interface ScoreFlags extends LoadingFlags {
  model: string;
  ids?: string;
  textFile?: string;
  attend: string;
  parents?: string;
  last: string;
  nelbo?: string;
  draws?: string;
  seed?: string;
  software?: boolean;
}

/** `triptych score`: prints one JSON object. */
export async function scoreCommand(flags: ScoreFlags, signal: AbortSignal): Promise<void> {
  if ((flags.ids === undefined) === (flags.textFile === undefined)) {
    throw new InvalidOptionError("Give --ids 5,9,2 or --text-file FILE: one of them.");
  }
  return flags.textFile === undefined ? scoreIds(flags, signal) : scoreText(flags, flags.textFile, signal);
}

async function scoreIds(flags: ScoreFlags, signal: AbortSignal): Promise<void> {
  if (flags.nelbo !== undefined) throw new InvalidOptionError("--nelbo goes with --text-file alone.");
  const attend = attention(flags.attend);
  const parents = flags.parents === undefined ? null : integerList("--parents", flags.parents, -1);
  if (parents && attend !== "causal") throw new InvalidOptionError("--parents goes with --attend causal alone.");
  const last = integer("--last", flags.last, 0);
  const ids = integerList("--ids", flags.ids ?? "", 0);
  const devices = terminalDevices({ ...flags, tell: announce });
  const ref = refOf(flags.model, flags);
  const request = { ids, attend, parents, last };
  checkIds((await devices.read(ref, signal)).capabilities, request);
  await devices.load(ref, { signal });
  printJson(await devices.use(ref, ({ model }) => score(model, request)));
}

async function scoreText(flags: ScoreFlags, file: string, signal: AbortSignal): Promise<void> {
  const nelbo = flags.nelbo === undefined ? null : attention(flags.nelbo, "--nelbo");
  if (nelbo !== null && typeof nelbo === "string") {
    throw new InvalidOptionError(`--nelbo can't be ${nelbo}: give block:N, as in block:8.`);
  }
  if (nelbo === null && (flags.draws !== undefined || flags.seed !== undefined)) {
    throw new InvalidOptionError("--draws and --seed go with --nelbo alone.");
  }
  const draws = integer("--draws", flags.draws ?? "4", 1);
  const seed = integer("--seed", flags.seed ?? "0", 0);
  const text = await readText(file);
  const devices = terminalDevices({ ...flags, tell: announce });
  const ref = refOf(flags.model, flags);
  const { tokenizer } = await devices.read(ref, signal);
  if (!tokenizer) throw new InvalidOptionError(`${flags.model} has no tokenizer.json: --text-file needs one.`);
  const rows = evaluationRows(text, (document) => tokenizer.promptIds(document));
  await devices.load(ref, { signal });
  const show = (index: number) => showProgress("document", index, rows.length);
  const hooks = { signal, onRow: show };
  const scored = devices.use<object>(ref, ({ model }) =>
    nelbo ? nelboOfRows(model, rows, { block: nelbo.block, draws, seed }, hooks) : scoreRows(model, rows, hooks),
  );
  printJson(await scored.finally(() => show(rows.length)));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new InvalidOptionError(`--text-file ${file} can't be read (${code === "ENOENT" ? "no such file" : code}).`);
  }
}
