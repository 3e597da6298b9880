// npm run record: writes public/recorded.json, the run that the demo page shows where there is no GPU. Each pane's events are
// what `triptych run --json` prints for the settings of index.html.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

const LENGTH = 64;
const page = readFileSync(path.join(root, "index.html"), "utf8");
const attribute = (name) => new RegExp(` ${name}="([^"]*)"`).exec(page.slice(page.indexOf("<triptych-compare")))?.[1];
const prompt = attribute("prompt");
const settings = { temperature: attribute("temperature"), seed: attribute("seed") };
const PANES = {
  autoregressive: ["--model", "public/models/story-ar"],
  diffusion: ["--model", "public/models/story-diffusion", "--decoder", "block-diffusion"],
  speculative: [
    "--model",
    "public/models/story-ar",
    "--draft",
    "public/models/story-draft",
    "--decoder",
    "speculative",
  ],
};

function eventsOf(args) {
  const common = ["--prompt", prompt, "--max-new-tokens", LENGTH, "--json", "--software"];
  const own = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const command = [path.join(root, "scripts/cli.mjs"), "run", ...args, ...common, ...own].map(String);
  const { stdout, stderr, status } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, INIT_CWD: root },
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split("\n").map(JSON.parse).map(short);
}

/** Times in whole milliseconds, other fractions to four digits: what is shown needs no more. */
function short(event) {
  const rounded = (name, value) => (name.endsWith("Ms") ? Math.round(value) : Number(value.toPrecision(4)));
  const isFraction = (value) => typeof value === "number" && !Number.isInteger(value);
  return JSON.parse(JSON.stringify(event, (name, value) => (isFraction(value) ? rounded(name, value) : value)));
}

const panes = Object.fromEntries(Object.entries(PANES).map(([name, args]) => [name, eventsOf(args)]));
const recording = { date: new Date().toISOString().slice(0, 10), adapter: "SwiftShader, a CPU", prompt, panes };
writeFileSync(path.join(root, "public/recorded.json"), `${JSON.stringify(recording)}\n`);
