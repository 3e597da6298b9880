// What `npm run record` records (recordings.ts), on the CPU (SwiftShader); `npm run record -- traces/tree.json` one of them alone. Each run is
// written several times in one process, in turns, and the fastest is kept: the first compiles kernels, and what else a machine does makes a
// run slower, never faster. Texts and counts are the same each time.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { terminalDevices } from "../src/runtime/terminal.js";
import type { GenerationEvent } from "../src/vocabulary/events.js";
import { GALLERY, OPENING, type Recorded } from "./recordings.js";

const NUM_RUNS = 5;

const root = path.join(import.meta.dirname, "..");
const page = readFileSync(path.join(root, "index.html"), "utf8");
const attribute = (name: string) =>
  new RegExp(` ${name}="([^"]*)"`).exec(page.slice(page.indexOf("<triptych-compare")))?.[1] ?? "";
const opening: Recorded = {
  file: OPENING.file,
  panes: OPENING.panes,
  prompt: attribute("prompt"),
  settings: {
    temperature: Number(attribute("temperature")),
    seed: Number(attribute("seed")),
    max_new_tokens: OPENING.numTokens,
  },
};

/** Times to a tenth of a millisecond, other fractions to four digits: what is shown needs no more. */
function short(event: GenerationEvent): GenerationEvent {
  const rounded = (name: string, value: number) =>
    Number(name.endsWith("Ms") ? value.toFixed(1) : value.toPrecision(4));
  return JSON.parse(
    JSON.stringify(event, (name, value: unknown) =>
      typeof value === "number" && !Number.isInteger(value) ? rounded(name, value) : value,
    ),
  );
}

const devices = terminalDevices({ device: "webgpu", software: true });
const refOf = (name: string) => ({ url: path.join(root, "public/models", name) });
const { signal } = new AbortController();

async function record({ file, prompt, settings, panes, board }: Recorded): Promise<void> {
  for (const name of new Set(panes.flatMap(({ models }) => models))) await devices.load(refOf(name), { signal });
  const fastest = new Map<string, { ownMs: number; events: GenerationEvent[] }>();
  for (let i = 0; i < NUM_RUNS; i++) {
    for (const { name, decoder, models, options, prompt: own = prompt } of panes) {
      const [model, draft] = models.map(refOf);
      const events: GenerationEvent[] = [];
      const job = { model, draft, decoder, prompt: own, options: { ...settings, ...options }, isAlone: true };
      const { metrics } = await devices.run(job, (event) => events.push(event), signal);
      const { ownMs, forwards, draftForwards, tokens } = metrics;
      console.log(
        `${file}, ${name}: ${ownMs.toFixed(0)} ms, ${tokens} tokens, ${forwards} and ${draftForwards} forwards`,
      );
      if (ownMs < (fastest.get(name)?.ownMs ?? Number.POSITIVE_INFINITY)) fastest.set(name, { ownMs, events });
    }
  }
  const recording = {
    ...{ format: "triptych-trace", version: 1, date: new Date().toISOString().slice(0, 10) },
    ...{ adapter: "a CPU (SwiftShader, WebGPU)", prompt, settings },
    panes: panes.map(({ name, label, decoder }) => ({
      ...{ name, label, decoder },
      events: (fastest.get(name)?.events ?? []).map(short),
    })),
    board,
  };
  const target = path.join(root, "public", file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${JSON.stringify(recording)}\n`);
}

const all = [opening, ...GALLERY];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.some(({ file }) => file === name));
if (unknown.length > 0)
  throw new Error(`Nothing is recorded as ${unknown[0]}: ${all.map(({ file }) => file).join(", ")}.`);
for (const one of all) if (asked.length === 0 || asked.includes(one.file)) await record(one);
