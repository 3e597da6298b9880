import { parseArgs } from "node:util";
import { UnsupportedDeviceError } from "../src/vocabulary/errors.js";
import { against, WAYS } from "./against.js";
import { decode } from "./decode.js";
import { diffusion } from "./diffusion.js";
import { gate } from "./gate.js";
import { kernels } from "./kernels.js";
import { large } from "./large.js";
import { likelihood } from "./likelihood.js";
import { MissingPrerequisite } from "./missing.js";
import { pageRace } from "./page-race.js";
import { peers } from "./peers.js";
import { portable } from "./portable.js";
import { keepResults, MIN_RECORDED_ROUNDS } from "./report.js";
import { shape } from "./shape.js";
import { speculation } from "./speculation.js";
import { sudoku } from "./sudoku.js";
import { verifiers } from "./verifiers.js";
import { parseRange, type Range } from "./revisions.js";

interface Mode {
  help: string;
  run(numRounds: number, isWhole: boolean): Promise<boolean>;
  /** It measures times, which other processes disturb. */
  isTimed?: true;
}

const MODES: Record<string, Mode> = {
  decode: {
    help: "Triptych alone, in Node and in Chromium; sampled by greedy; long contexts",
    run: decode,
    isTimed: true,
  },
  diffusion: { help: "tokens per forward and likelihood of block diffusion, and of speculation", run: diffusion },
  likelihood: {
    help: "what the story models say of a text that they weren't trained on: counts only",
    run: likelihood,
  },
  speculation: {
    help: "drafters and draft lengths by plain decoding, on three workloads (about 10 minutes)",
    run: speculation,
    isTimed: true,
  },
  verifiers: {
    help: "what verifiers and drafters accept, write and cost, by intervals: counts, and what measured costs make of them (about 10 minutes)",
    run: verifiers,
    isTimed: true,
  },
  sudoku: {
    help: "what the Sudoku pair solves in each order, and with each cache of the whole canvas: counts only",
    run: sudoku,
  },
  kernels: {
    help: "matrix kernels beside isolated probes, and the cost of a forward by its rows",
    run: kernels,
    isTimed: true,
  },
  page: {
    help: "the demo page's three panes as they are by default, speculative by autoregressive",
    run: pageRace,
    isTimed: true,
  },
  shape: { help: "SmolLM2-135M's shape with random weights: rates, cost by rows, memory", run: shape, isTimed: true },
  large: {
    help: "Qwen3-0.6B's shape with random weights under WebGPU's default limits: logits beside float64, peak JS heap (writes 1.5 GB)",
    run: large,
    isTimed: true,
  },
  peers: { help: "Triptych and its peers on the same weights, interleaved in one page", run: peers, isTimed: true },
  portable: {
    help: "one folder that measures a GPU on a Linux machine without npm or Node (builds and packs it, measures nothing)",
    run: portable,
  },
  gate: { help: "compares the newest recorded figures with the project's goals", run: gate },
};

const USAGE = [
  `usage: npm run bench -- ${Object.keys(MODES).join("|")} [--repeat N] [--no-record] [--all] [--against REF]`,
  ...Object.entries(MODES).map(([name, { help }]) => `  ${name.padEnd(11)} ${help}`),
  `  --repeat    rounds that count, default ${MIN_RECORDED_ROUNDS}; with fewer, results go to .cache/bench and not to bench/results`,
  "  --no-record prints, also on a busy machine, and leaves bench/results as they are (times are recorded on an idle one only)",
  "  --all       speculation only: fixed draft lengths beside the adaptive ones",
  `  --against   ${Object.keys(WAYS).join(" and ")} only: the sources as they are and revision REF, or the two of OLD..NEW,`,
  "              interleaved block by block in one page; the ratios of their times",
].join("\n");

/** What a command line asks for. */
export interface Asked {
  mode: string;
  numRounds: number;
  isRecorded: boolean;
  /** With what a mode leaves out by default. */
  isWhole: boolean;
  /** Null without `--against`. */
  range: Range | null;
}

/** Reads a command line; null when it asks for help. Throws with what is allowed. */
export function parseCommand(args: readonly string[]): Asked | null {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      repeat: { type: "string", default: String(MIN_RECORDED_ROUNDS) },
      against: { type: "string" },
      "no-record": { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const [mode = "", ...rest] = positionals;
  if (!Object.hasOwn(MODES, mode) || rest.length > 0) throw new Error(`which of ${Object.keys(MODES).join(", ")}?`);
  const numRounds = Number(values.repeat);
  if (!Number.isInteger(numRounds) || numRounds < 1) throw new Error("--repeat takes 1 or more");
  const isRecorded = !values["no-record"];
  const isWhole = values.all;
  if (isWhole && mode !== "speculation") throw new Error(`--all goes with speculation, not ${mode}`);
  if (values.against === undefined) return { mode, numRounds, isRecorded, isWhole, range: null };
  if (!Object.hasOwn(WAYS, mode)) throw new Error(`--against goes with ${Object.keys(WAYS).join(" or ")}, not ${mode}`);
  return { mode, numRounds, isRecorded, isWhole, range: parseRange(values.against) };
}

/** Runs one benchmark; returns the exit code: 0 done, 1 a goal is missed, 2 bad input or a missing prerequisite. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let asked: Asked | null;
  try {
    asked = parseCommand(args);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (!asked) {
    console.log(USAGE);
    return 0;
  }
  const { mode, numRounds, isRecorded, isWhole, range } = asked;
  const isTimed = range !== null || MODES[mode].isTimed === true;
  try {
    await keepResults({ isTimed, isRecorded: isRecorded && numRounds >= MIN_RECORDED_ROUNDS });
    return (await (range ? against(mode, numRounds, range) : MODES[mode].run(numRounds, isWhole))) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingPrerequisite || error instanceof UnsupportedDeviceError)) throw error;
    console.error(`bench: ${error.message}`);
    return 2;
  }
}
