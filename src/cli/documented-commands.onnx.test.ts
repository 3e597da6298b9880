// Every command line of README and docs runs as it stands; those of docs/decoders are made of examples that other tests run.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "./command.js";

const WORD = /"([^"]*)"|'([^']*)'|(\S+)/g;

interface Line {
  at: string;
  words: readonly string[];
}

function linesOf(file: string): Line[] {
  const text = readFileSync(file, "utf8").replace(/\\\n\s*/g, (all) => " ".repeat(all.length - 1));
  return [...text.matchAll(/^ {4}triptych (.*)$/gm)].map(({ 1: line, index }) => ({
    at: `${file}:${text.slice(0, index).split("\n").length} ${line}`,
    words: [...line.replace(/ # .*/, "").matchAll(WORD)].map(([, double, single, bare]) => double ?? single ?? bare),
  }));
}

const documents = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((file) => `docs/${file}`),
];
const lines = documents.filter((file) => /^(README|docs\/(guides\/)?[\w-]+)\.md$/.test(file)).flatMap(linesOf);

const modelOf = (words: readonly string[]) => (words.includes("--model") ? words[words.indexOf("--model") + 1] : "");
const isHere = ({ words }: Line) => /^(public|tests)\//.test(modelOf(words));
const tried = lines.filter(({ words }) => ["run", "score", "tokens", "chat"].includes(words[0]));

async function printed(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const write = (to: "out" | "err") => (text: unknown) => {
    texts[to] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write("out"));
  vi.spyOn(process.stderr, "write").mockImplementation(write("err"));
  return { code: await runCommand([...words]), ...texts };
}

afterEach(() => vi.restoreAllMocks());

const folder = mkdtempSync(path.join(os.tmpdir(), "triptych-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a line's reader has in a file, or what is shorter here. */
const FILES: Record<string, string> = {
  "chat.json": JSON.stringify([{ role: "user", content: "Name a colour." }]),
  "tests/fixtures/valid-sample.txt": "Once upon a time, there was a little girl. She had a red ball. ".repeat(5),
};

/** The line with files that are there, short and on a device that every machine has. */
function ready(words: readonly string[]): string[] {
  const own = words.map((word) => {
    if (!(word in FILES)) return word;
    const file = path.join(folder, path.basename(word));
    writeFileSync(file, FILES[word]);
    return file;
  });
  const [command] = words;
  if (command === "run" || command === "score") own.push("--device", "wasm");
  if (command === "run" && !words.includes("--infill")) own.push("--max-new-tokens", "3");
  return own;
}

describe("command lines of README and docs", () => {
  it.each(tried.filter((line) => isHere(line) || !modelOf(line.words)))("$at", async ({ words }) => {
    const { code, out } = await printed(ready(words));
    expect(code).toBe(0);
    expect(out).toMatch(/\w/);
  });

  // Weights that don't come with the repository: that they aren't there is all that is wrong with the line.
  it.each(tried.filter((line) => modelOf(line.words) && !isHere(line)))("$at", async ({ words }) => {
    const own = ready(words).map((word) => (word === modelOf(words) ? "no-such-folder" : word));
    const { code, err } = await printed(own);
    expect(code).toBe(2);
    expect(err).toMatch(/no-such-folder/);
  });

  it("are all tried here, but for those that need a GPU or a hub, which other tests give them", () => {
    const elsewhere = lines.filter(({ words }) => ["bench", "device", "models"].includes(words[0]));
    expect(tried.length).toBeGreaterThan(12);
    expect(tried.length + elsewhere.length).toBe(lines.length);
  });
});
