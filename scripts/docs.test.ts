import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { docPages } from "./docs.js";

const root = path.join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const folder = (name: string) => readdirSync(path.join(root, name), { recursive: true, encoding: "utf8" });

describe("the documents", () => {
  it("that are made from the decoders' folders are current: run npm run docs after a change there", () => {
    const pages = docPages();
    for (const [file, text] of pages) expect(existsSync(path.join(root, file)) && read(file), file).toBe(text);
    const written = folder("docs/decoders").map((file) => `docs/decoders/${file}`);
    expect(written.sort()).toEqual([...pages.keys()].filter((file) => file.startsWith("docs/decoders/")).sort());
  });

  it("are short where they are read first: README in 150 lines, ARCHITECTURE in a page of 100", () => {
    expect(read("README.md").split("\n").length).toBeLessThanOrEqual(151);
    expect(read("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(101);
  });

  it("link to files that are there", () => {
    const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
    documents.push(
      ...folder("docs")
        .filter((file) => file.endsWith(".md"))
        .map((file) => `docs/${file}`),
    );
    for (const file of documents) {
      for (const [, target] of read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        expect(existsSync(path.join(root, path.dirname(file), target)), `${file}: ${target}`).toBe(true);
      }
    }
  });

  it("have no decision over 60 lines, and each is listed", () => {
    const listed = read("docs/decisions/README.md");
    for (const file of folder("docs/decisions").filter((name) => name !== "README.md")) {
      expect(listed, file).toContain(`](${file})`);
      expect(read(`docs/decisions/${file}`).split("\n").length, file).toBeLessThanOrEqual(60);
    }
  });
});
