import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { version } from "../../package.json";
import { runInTurn } from "./in-turn.js";
import { measureSection } from "./measure-section.js";
import { parseOptions, type PortableOptions, usage } from "./options.js";
import type { Outcome } from "./outcome.js";
import { answerParent, SECTION, startProcess } from "./own-process.js";
import { markdown, type PortableReport } from "./render.js";
import { sections } from "./sections.js";

const EXIT = { done: 0, failed: 1, badInput: 2, stopped: 130 };

/** Shows how far the report is: on a terminal in one line, which is cleared behind what stays. */
function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

function say(text: string): void {
  if (process.stderr.isTTY) progress("");
  process.stderr.write(`${text}\n`);
}

/** What the file has of sections that aren't asked for; nothing where all are. */
function earlierOutcomes(out: string, only: readonly string[] | null): Outcome[] {
  if (only === null || !existsSync(`${out}.json`)) return [];
  const { outcomes } = JSON.parse(readFileSync(`${out}.json`, "utf8")) as PortableReport;
  return outcomes.filter(({ name }) => !only.includes(name));
}

async function report({ out, rounds, layers, minutes, only }: PortableOptions): Promise<number> {
  const abort = new AbortController();
  process.on("SIGINT", () => abort.abort());
  process.on("SIGTERM", () => abort.abort());
  const folder = path.dirname(realpathSync(process.argv[1]));
  const kept = new Map(earlierOutcomes(out, only).map((outcome) => [outcome.name, outcome]));
  // Without an adapter no other section can be run.
  const isAsked = (name: string) => only === null || only.includes(name) || name === "adapter" || kept.has(name);
  const asked = sections.filter(({ name }) => isAsked(name));
  const date = new Date().toISOString().slice(0, 10);
  const save = (outcomes: readonly Outcome[]) => {
    const whole: PortableReport = { report: "portable", date, version, rounds, outcomes };
    writeFileSync(`${out}.json`, `${JSON.stringify(whole, null, 1)}\n`);
    writeFileSync(`${out}.md`, markdown(whole, sections));
  };
  const outcomes = await runInTurn(asked, {
    kept,
    start: (name, earlier) => {
      const at = `${asked.findIndex((one) => one.name === name) + 1}/${asked.length} ${name}`;
      progress(at);
      return startProcess({ name, folder, rounds, layers, earlier }, (text) => progress(`${at}: ${text}`));
    },
    save,
    say,
    signal: abort.signal,
    limitMs: minutes * 60_000,
  });
  say(`${out}.md and ${out}.json written`);
  if (outcomes.some(({ status }) => status === "stopped")) return EXIT.stopped;
  return outcomes.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.done;
}

async function main(args: readonly string[]): Promise<number> {
  const names = sections.map(({ name }) => name);
  let options: PortableOptions | null;
  try {
    options = parseOptions(args, names);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage(names)}\n`);
    return EXIT.badInput;
  }
  if (options) return report(options);
  process.stdout.write(`${usage(names)}\n`);
  return EXIT.done;
}

if (process.argv[2] === SECTION) answerParent(measureSection);
else process.exit(await main(process.argv.slice(2)));
