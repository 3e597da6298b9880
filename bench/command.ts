import { parseArgs } from "node:util";
import { UnsupportedDeviceError } from "../src/errors.js";
import { decode } from "./decode.js";
import { diffusion } from "./diffusion.js";
import { gate } from "./gate.js";
import { MissingPrerequisite } from "./missing.js";
import { peers } from "./peers.js";
import { MIN_RECORDED_ROUNDS } from "./report.js";

const USAGE = `usage: npm run bench -- decode|diffusion|peers|gate [--repeat N]
  decode     tokens per second of Triptych alone, in Node and in Chromium
  diffusion  tokens per forward and likelihood of block diffusion, and of speculation, over six prompts
  peers      Triptych and transformers.js on the same weights, interleaved in one page (installs what it needs itself)
  gate       compares the newest recorded figures with the project's goals
  --repeat   rounds that count, default ${MIN_RECORDED_ROUNDS}; with fewer, results go to .cache/bench and not to bench/results`;

const MODES: Record<string, (numRounds: number) => Promise<boolean>> = { decode, diffusion, peers, gate };

/** Runs one benchmark; returns the exit code: 0 done, 1 a goal is missed, 2 bad input or a missing prerequisite. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let asked: { mode: string; numRounds: number };
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { repeat: { type: "string", default: String(MIN_RECORDED_ROUNDS) } },
    });
    const [mode, ...rest] = positionals;
    if (!Object.hasOwn(MODES, mode ?? "") || rest.length > 0) throw new Error(`which of ${Object.keys(MODES)}?`);
    asked = { mode, numRounds: Number(values.repeat) };
    if (!Number.isInteger(asked.numRounds) || asked.numRounds < 1) throw new Error("--repeat takes 1 or more");
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  try {
    return (await MODES[asked.mode](asked.numRounds)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingPrerequisite || error instanceof UnsupportedDeviceError)) throw error;
    console.error(`bench: ${error.message}`);
    return 2;
  }
}
