import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, run, say } from "../scripts/setup.mjs";
import { MissingPrerequisite } from "./missing.js";
import { WORKLOAD_FILE, workload } from "./workload.js";

const SOURCES = path.join(root, "bench/peers");
const MODEL = path.join(root, "public/models/story-ar");
const CACHE = path.join(root, ".cache/peers");
const MODELS = path.join(CACHE, "models");
// Under node_modules, since Vite's dev server watches every other folder of the project, and this has 35,000 files.
const PYTHON_FOLDER = path.join(SOURCES, "node_modules/.cache/python");
const PYTHON = path.join(PYTHON_FOLDER, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const EXPECTED = path.join(MODELS, "expected.json");

/** What transformers (PyTorch, float32) writes for the workload: the oracle of every contender's ids. */
export interface Expected {
  /** SHA-256 of the exported checkpoint's weights. */
  weights: string;
  promptIds: number[];
  ids: number[];
  /** Smallest distance between the two best logits along the way. */
  closestChoice: number;
  /** Largest distance of each exported graph's logits from transformers'. */
  largestDifference: Record<string, number>;
  versions: Record<string, string>;
}

/** The folders to serve for the peers' page. */
export const PEER_MOUNTS = { "/peers/node_modules/": path.join(SOURCES, "node_modules"), "/peers/models/": MODELS };

/** Installs the peers and exports the models, as far as that isn't done; returns the exported models' oracle. */
export function ensurePeers(): Expected {
  ensureModules();
  const expected = readExpected();
  if (expected) return expected;
  ensurePython();
  say("exporting story-ar to ONNX and GGUF (bench/peers/export.py) …");
  const code = run(PYTHON, [path.join(SOURCES, "export.py"), MODEL, WORKLOAD_FILE, MODELS], { quiet: true });
  const made = readExpected();
  if (code !== 0 || !made) throw new MissingPrerequisite("the export of the peers' models failed; its output is above");
  return made;
}

/** Versions of what the page loads, from the installed packages. */
export function peerVersions(): Record<string, string> {
  return Object.fromEntries(packageNames().map((name) => [name, installedVersion(name) ?? "not installed"]));
}

function packageNames(): string[] {
  return Object.keys(JSON.parse(readFileSync(path.join(SOURCES, "package.json"), "utf8")).dependencies);
}

function installedVersion(name: string): string | null {
  const manifest = path.join(SOURCES, "node_modules", name, "package.json");
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : null;
}

/** The oracle, if it is there and of these weights, this workload and all the files that are written now. */
function readExpected(): Expected | null {
  if (!existsSync(EXPECTED)) return null;
  const expected: Expected = JSON.parse(readFileSync(EXPECTED, "utf8"));
  const weights = readFileSync(path.join(MODEL, "model.safetensors"));
  const isCurrent =
    expected.weights === createHash("sha256").update(weights).digest("hex") &&
    String(expected.promptIds) === String(workload.promptIds) &&
    expected.ids.length === workload.numNewTokens &&
    Object.hasOwn(expected.versions, "gguf");
  return isCurrent ? expected : null;
}

function ensureModules(): void {
  const { packages } = JSON.parse(readFileSync(path.join(SOURCES, "package-lock.json"), "utf8"));
  const isInstalled = (name: string) => installedVersion(name) === packages[`node_modules/${name}`].version;
  if (packageNames().every(isInstalled)) return;
  say("installing the peers (npm ci in bench/peers, about 0.5 GB) …");
  // Their install scripts fetch native libraries that a browser doesn't use.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
  if (run("npm", ["ci", "--prefix", SOURCES, ...flags], { quiet: true }) !== 0) {
    throw new MissingPrerequisite("npm ci in bench/peers failed; its output is above");
  }
}

function ensurePython(): void {
  const requirements = path.join(SOURCES, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  const record = path.join(PYTHON_FOLDER, "installed.txt");
  if (existsSync(record) && readFileSync(record, "utf8") === wanted) return;
  const system = findPython();
  say(
    "installing PyTorch and ONNX tools for the export (pip into bench/peers/node_modules/.cache, about 6 GB, once) …",
  );
  const steps = [
    [system, "-m", "venv", PYTHON_FOLDER],
    [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
  ];
  for (const [command, ...args] of steps) {
    if (run(command, args, { quiet: true }) !== 0) {
      throw new MissingPrerequisite(`"${args.slice(0, 3).join(" ")} …" failed; its output is above`);
    }
  }
  writeFileSync(record, wanted);
}

function findPython(): string {
  const isRecent = "import sys; sys.exit(sys.version_info < (3, 11))";
  const found = ["python3", "python"].find((name) => spawnSync(name, ["-c", isRecent]).status === 0);
  if (!found) throw new MissingPrerequisite("the peers' models are exported with Python 3.11 or newer: install it");
  return found;
}
