// npm run test:mutants: plants the faults of tests/mutants/*.json one at a time in scratch copies, and runs the tests that should notice.
// A word on the command line picks the faults that have it in name or file; `--unit` those that no GPU test is to notice.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root, say } from "./setup.mjs";

const LIST = path.join(root, "tests/mutants");
/** At once: half of a test's time is compiling, on one core. */
const NUM_SCRATCHES = 2;
/** A fault that makes its tests endless goes unnoticed too. */
const LIMIT_MS = 300_000;
/** What tests read and no fault is planted in. */
const LINKED = ["node_modules", "public", "tests", "training", "e2e", "docs"];
const COPIED = [
  "src",
  "shaders",
  "scripts",
  "bench",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "vite.config.ts",
  "vitest.config.ts",
];

/** Every fault: `{ fault, file, search, replace, tests, title? }`, where `title` is a pattern of the tests' titles. */
export function readMutants() {
  const files = readdirSync(LIST).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => JSON.parse(readFileSync(path.join(LIST, name), "utf8")));
}

/** The file's text with the fault in it; throws where what is to be replaced isn't there exactly once. */
export function planted({ fault, file, search, replace }, text = readFileSync(path.join(root, file), "utf8")) {
  const parts = text.split(search);
  if (parts.length === 2 && search !== replace) return parts.join(replace);
  throw new Error(
    `"${fault}": ${JSON.stringify(search)} is ${parts.length - 1} times in ${file}; it must be there once.`,
  );
}

const isGpu = ({ tests }) => tests.some((file) => file.endsWith(".gpu.test.ts"));

function makeScratch() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "triptych-mutants-"));
  for (const name of COPIED) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  for (const name of LINKED) symlinkSync(path.join(root, name), path.join(folder, name));
  return folder;
}

/** Runs tests in a scratch copy up to the first that fails: its title, `null` where all passed, or how it ended otherwise. */
function runTests(folder, { tests, titles, gpu }) {
  const report = path.join(folder, "report.json");
  rmSync(report, { force: true });
  const projects = gpu ? ["--project", "gpu"] : ["--project", "unit", "--project", "sweep"];
  const args = ["node_modules/vitest/vitest.mjs", "run", ...projects, "--bail", "1", ...tests];
  if (titles.length > 0) args.push("-t", titles.map((title) => `(${title})`).join("|"));
  const env = { ...process.env, TEST_REPORT: report };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: "ignore", detached: true });
  return new Promise((resolve) => {
    const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), LIMIT_MS);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal) return resolve({ hung: true });
      const { testResults = [], numPassedTests = 0 } = existsSync(report)
        ? JSON.parse(readFileSync(report, "utf8"))
        : {};
      const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === "failed");
      if (failed) return resolve({ title: failed.fullName });
      if (code === 0 && numPassedTests > 0) return resolve({ passed: true });
      resolve({ broken: testResults.find(({ message }) => message)?.message ?? "no test ran" });
    });
  });
}

async function tryMutant(folder, mutant) {
  const file = path.join(folder, mutant.file);
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, planted(mutant, whole));
  try {
    return await runTests(folder, {
      tests: mutant.tests,
      titles: mutant.title ? [mutant.title] : [],
      gpu: isGpu(mutant),
    });
  } finally {
    writeFileSync(file, whole);
  }
}

/** The tests are to pass as long as nothing is planted. */
async function checkWhole(folder, mutants) {
  for (const gpu of [false, true]) {
    for (const isTitled of [false, true]) {
      const own = mutants.filter((mutant) => isGpu(mutant) === gpu && (mutant.title !== undefined) === isTitled);
      if (own.length === 0) continue;
      const tests = [...new Set(own.flatMap((mutant) => mutant.tests))];
      const titles = own.flatMap(({ title = [] }) => title);
      const { passed, ...why } = await runTests(folder, { tests, titles, gpu });
      if (!passed) throw new Error(`Without any fault the tests don't pass: ${JSON.stringify(why)}`);
    }
  }
}

async function main(args) {
  const words = args.filter((arg) => !arg.startsWith("--"));
  const isChosen = (mutant) =>
    words.every((word) => `${mutant.fault} ${mutant.file}`.includes(word)) &&
    !(args.includes("--unit") && isGpu(mutant));
  const mutants = readMutants().filter(isChosen);
  for (const mutant of mutants) planted(mutant);
  const startedMs = performance.now();
  const scratches = Array.from({ length: NUM_SCRATCHES }, makeScratch);
  const survivors = [];
  try {
    say(`${mutants.length} faults; first their tests without any …`);
    await checkWhole(scratches[0], mutants);
    const queue = [...mutants];
    const work = async (folder) => {
      for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
        const { title, hung, broken } = await tryMutant(folder, mutant);
        if (!title) survivors.push(mutant.fault);
        const how = title ?? (hung ? `its tests took more than ${LIMIT_MS / 1000} s` : (broken ?? "its tests passed"));
        console.log(`${title ? "caught  " : "SURVIVED"}  ${mutant.fault}  (${how})`);
      }
    };
    await Promise.all(scratches.map(work));
  } finally {
    for (const folder of scratches) rmSync(folder, { recursive: true, force: true });
  }
  say(`took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  console.log(`${mutants.length - survivors.length} caught, ${survivors.length} survived`);
  process.exitCode = survivors.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
