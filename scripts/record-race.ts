// The race that the demo page opens on and shows where there is no GPU: its panes' runs with the settings of index.html, on the CPU
// (SwiftShader). Each is written several times in one process, in turns, and the fastest is kept: the first compiles kernels, and what else
// a machine does makes a run slower, never faster. Texts and counts are the same each time.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { terminalDevices } from "../src/runtime/terminal.js";
import type { GenerationEvent } from "../src/vocabulary/events.js";

const LENGTH = 48;
const NUM_RUNS = 5;
const PANES = [
  { name: "autoregressive", label: "Autoregressive", decoder: "autoregressive", models: ["story-ar"] },
  { name: "diffusion", label: "Diffusion", decoder: "block-diffusion", models: ["story-diffusion"] },
  { name: "speculative", label: "Speculative", decoder: "speculative", models: ["story-ar", "story-draft"] },
];

const root = path.join(import.meta.dirname, "..");
const page = readFileSync(path.join(root, "index.html"), "utf8");
const attribute = (name: string) =>
  new RegExp(` ${name}="([^"]*)"`).exec(page.slice(page.indexOf("<triptych-compare")))?.[1] ?? "";
const prompt = attribute("prompt");
const settings = {
  temperature: Number(attribute("temperature")),
  seed: Number(attribute("seed")),
  max_new_tokens: LENGTH,
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
for (const name of new Set(PANES.flatMap(({ models }) => models))) await devices.load(refOf(name), { signal });
const fastest = new Map<string, { ownMs: number; events: GenerationEvent[] }>();
for (let i = 0; i < NUM_RUNS; i++) {
  for (const { name, decoder, models } of PANES) {
    const [model, draft] = models.map(refOf);
    const events: GenerationEvent[] = [];
    const job = { model, draft, decoder, prompt, options: settings, isAlone: true };
    const { metrics } = await devices.run(job, (event) => events.push(event), signal);
    const { ownMs, forwards, draftForwards, tokens } = metrics;
    console.log(`${name}: ${ownMs.toFixed(0)} ms, ${tokens} tokens, ${forwards} and ${draftForwards} forwards`);
    if (ownMs < (fastest.get(name)?.ownMs ?? Number.POSITIVE_INFINITY)) fastest.set(name, { ownMs, events });
  }
}
const recording = {
  ...{ format: "triptych-trace", version: 1, date: new Date().toISOString().slice(0, 10) },
  ...{ adapter: "a CPU (SwiftShader, WebGPU)", prompt, settings },
  panes: PANES.map(({ name, label, decoder }) => ({
    ...{ name, label, decoder },
    events: (fastest.get(name)?.events ?? []).map(short),
  })),
};
writeFileSync(path.join(root, "public/recorded.json"), `${JSON.stringify(recording)}\n`);
