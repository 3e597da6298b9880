import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { spreadOf, type Spread } from "../src/cli/bench.js";
import { root, run } from "../scripts/setup.mjs";
import { type MachineFacts, machineFacts } from "./machine.js";

/** With fewer rounds a result is a trial run and isn't recorded. */
export const MIN_RECORDED_ROUNDS = 5;

const RECORDED = path.join(root, "bench/results");
const FORMATTER = path.join(root, "node_modules/@biomejs/biome/bin/biome");
const TRIALS = path.join(root, ".cache/bench/results");

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

/** Writes the report as JSON and `lines` as Markdown under a heading with the facts, and its plots as SVG; says where. */
export function writeReport(report: Report, lines: readonly string[], figures: readonly Figure[] = []): void {
  const isRecorded = (report.rounds ?? MIN_RECORDED_ROUNDS) >= MIN_RECORDED_ROUNDS;
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
  console.log(`\n${text}\n${path.relative(root, file)}.{json,md${figures.length > 0 ? ",svg" : ""}} written`);
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
  const { platform, cpu, cores, memoryGb, node, loadAverage } = machine;
  const isSoftware = adapter.isSoftware ? " (software adapter: figures are of a CPU, compare ratios only)" : "";
  const name = adapter.description || adapter.architecture || "unknown";
  // Two spaces at the end break the line.
  return [
    `Machine: ${platform}, ${cpu}, ${cores} cores, ${memoryGb} GB; load average at the start ${loadAverage}.  `,
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
