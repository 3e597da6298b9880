import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../scripts/setup.mjs";

/** What every contender is given; also read by the Python scripts that export the peers' models. */
export interface Workload {
  prompt: string;
  /** The end token, then the prompt: 32 ids. */
  promptIds: number[];
  numNewTokens: number;
  diffusion: { prompts: string[]; numNewTokens: number };
}

/** Path of the workload's file. */
export const WORKLOAD_FILE = path.join(root, "bench/workload.json");

/** The workload as it stands in `bench/workload.json`. */
export const workload: Workload = JSON.parse(readFileSync(WORKLOAD_FILE, "utf8"));
