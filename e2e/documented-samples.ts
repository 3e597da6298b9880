import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./installed-package.js";

/** A piece of code in README or docs. */
export interface Sample {
  /** Its file and line, to name it by. */
  at: string;
  language: string;
  code: string;
  /** What the document says that it needs (`<!-- sample: … -->`); null: nothing but the embedded models. */
  needs: string | null;
  /** What the document says that it prints, or shows on the page; null where it says nothing of it. */
  result: { kind: "prints" | "shows"; text: string } | null;
}

const PIECE =
  /(?:<!-- sample: ([^>]+) -->\n)?```(\w+)\n([\s\S]*?)```\n(?:\n(prints|shows)[^\n]*\n\n((?: {4}[^\n]*\n)+))?/g;

/** All pieces of code in README and docs, by file. */
export function documentedSamples(): Map<string, Sample[]> {
  const documents = readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.startsWith("decisions"))
    .map((file) => `docs/${file}`);
  return new Map(
    ["README.md", ...documents.sort()].flatMap((file) => {
      const samples = samplesIn(file, readFileSync(path.join(root, file), "utf8"));
      return samples.length > 0 ? [[file, samples] as const] : [];
    }),
  );
}

function samplesIn(file: string, text: string): Sample[] {
  return [...text.matchAll(PIECE)].map(({ index, 1: needs, 2: language, 3: code, 4: kind, 5: result }) => ({
    at: `${file}:${text.slice(0, index).split("\n").length}`,
    language,
    code,
    needs: needs?.trim() ?? null,
    result: result ? { kind: kind as "prints" | "shows", text: result.replace(/^ {4}/gm, "").trimEnd() } : null,
  }));
}
