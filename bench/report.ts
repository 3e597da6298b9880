import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { spreadOf, type Spread } from "../src/runtime/spread.js";
import { root, run } from "../scripts/setup.mjs";
import { type MachineFacts, machineFacts } from "./machine.js";
import { MissingPrerequisite } from "./missing.js";
import { IDLE_SHARE, OtherWork } from "./other-work.js";

/** With fewer rounds a result is a trial run and isn't recorded. */
export const MIN_RECORDED_ROUNDS = 5;

const RECORDED = path.join(root, "bench/results");
const FORMATTER = path.join(root, "node_modules/@biomejs/biome/bin/biome");
const TRIALS = path.join(root, ".cache/bench/results");

/** How results are kept. */
interface Keeping {
  /** Recorded where the committed results lie; else among the trials. */
  isRecorded: boolean;
  /** Watched where times are measured. */
  others: OtherWork | null;
}

let keeping: Keeping = { isRecorded: true, others: null };
/** How long the machine is looked at before a benchmark starts. */
const LOOK_MS = 2000;

/**
 * Says how the results of what runs next are kept. Throws where times are to be recorded and other processes are at work: a
 * ratio of two times is off by what happened beside one of them.
 */
export async function keepResults({ isTimed, isRecorded }: { isTimed: boolean; isRecorded: boolean }): Promise<void> {
  if (isTimed && isRecorded) {
    const before = new OtherWork();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { share } = before;
    const { loadAverage, cores } = machineFacts();
    // Where the system doesn't tell, the load average has to do.
    if ((share ?? loadAverage / cores / 5) > IDLE_SHARE) {
      const busy = share === null ? `the load average is ${loadAverage}` : `they keep ${percent(share)} of it busy`;
      throw new MissingPrerequisite(
        `other processes are at work on this machine (${busy}; at most ${percent(IDLE_SHARE)} for times that are recorded): end them, or --no-record prints and records nothing`,
      );
    }
  }
  keeping = { isRecorded, others: isTimed ? new OtherWork() : null };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** What every result file holds. */
export interface Report {
  benchmark: string;
  date: string;
  /** Null for counts, which are the same in every run. */
  rounds: number | null;
  machine: MachineFacts;
  adapter: Record<string, unknown>;
  versions: Record<string, string>;
}

/** The common part of a report, from the start of the run on. */
export function beginReport(benchmark: string, rounds: number | null): Omit<Report, "adapter" | "versions"> {
  const machine = machineFacts();
  return { benchmark, date: new Date().toISOString().slice(0, 10), rounds, machine };
}

/** A plot that goes with a report. */
export interface Figure {
  title: string;
  /** What its file's name has behind the report's. */
  suffix: string;
  svg: string;
}

/** Whether a report may stand among the recorded ones, and why not. */
function refusal({ rounds }: Report, othersShare: number | null): string | null {
  if (!keeping.isRecorded) return "--no-record";
  if ((rounds ?? MIN_RECORDED_ROUNDS) < MIN_RECORDED_ROUNDS) return `fewer than ${MIN_RECORDED_ROUNDS} rounds`;
  if ((othersShare ?? 0) <= IDLE_SHARE) return null;
  return `other processes kept ${percent(othersShare ?? 0)} of the machine busy meanwhile`;
}

/** Writes the report as JSON and `lines` as Markdown under a heading with the facts, and its plots as SVG; says where. */
export function writeReport(given: Report, lines: readonly string[], figures: readonly Figure[] = []): void {
  const share = keeping.others?.share ?? null;
  const othersShare = share === null ? null : Number(share.toFixed(3));
  const report = { ...given, machine: { ...given.machine, othersShare } };
  const why = refusal(report, othersShare);
  const isRecorded = why === null;
  const folder = isRecorded ? RECORDED : TRIALS;
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${report.benchmark}-${report.date}`);
  const shown = figures.flatMap(({ title, suffix }) => [`![${title}](${path.basename(file)}${suffix}.svg)`, ""]);
  const text = [`# ${report.benchmark}, ${report.date}`, "", ...facts(report), "", ...shown, ...lines, ""].join("\n");
  writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(`${file}.md`, text);
  for (const { suffix, svg } of figures) writeFileSync(`${file}${suffix}.svg`, svg);
  // Recorded results are committed, and the linter looks at every JSON file there is.
  if (isRecorded) run(process.execPath, [FORMATTER, "format", "--write", `${file}.json`], { quiet: true });
  console.log(
    `\n${text}\n${path.relative(root, file)}.{json,md${figures.length > 0 ? ",svg" : ""}} written${why ? `, not recorded: ${why}` : ""}`,
  );
}

/** The newest recorded report of that benchmark, or null. */
export function newestReport(benchmark: string): Report | null {
  let names: string[] = [];
  try {
    names = readdirSync(RECORDED).filter((name) => name.startsWith(`${benchmark}-`) && name.endsWith(".json"));
  } catch {
    return null;
  }
  const newest = names.sort().at(-1);
  return newest ? JSON.parse(readFileSync(path.join(RECORDED, newest), "utf8")) : null;
}

function facts({ machine, adapter, versions, rounds }: Report): string[] {
  const { platform, cpu, cores, memoryGb, node, loadAverage, othersShare } = machine;
  const others = othersShare === null ? "" : `, others kept ${(othersShare * 100).toFixed(1)} % of it busy meanwhile`;
  const isSoftware = adapter.isSoftware ? " (software adapter: figures are of a CPU, compare ratios only)" : "";
  const name = adapter.description || adapter.architecture || "unknown";
  // Two spaces at the end break the line.
  return [
    `Machine: ${platform}, ${cpu}, ${cores} cores, ${memoryGb} GB; load average at the start ${loadAverage}${others}.  `,
    `Adapter: ${name}${isSoftware}. Versions: ${Object.entries({ node, ...versions })
      .map(([what, version]) => `${what} ${version}`)
      .join(", ")}.  `,
    ...(rounds ? [`Median of ${rounds} round${rounds === 1 ? "" : "s"} after warm-up (smallest to largest).`] : []),
  ];
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** `median (min to max)` with about three digits. */
export function showSpread(values: readonly number[]): string {
  const { median, min, max }: Spread = spreadOf(values);
  return `${round(median)} (${round(min)} to ${round(max)})`;
}

/** Three significant digits, never as an exponent. */
export function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
