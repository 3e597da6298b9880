import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const UI = path.join(import.meta.dirname, "..");
const TEMPLATE = /\b(?:html|svg)`/g;
/** Attributes that are read or heard. */
const SPOKEN = /\b(?:aria-label|aria-valuetext|title|placeholder|alt)="([^"]*)"/g;

/** The fixed texts of the template that begins behind the backtick at `from`, with a blank for each value, and where it ends. Templates within it are found by themselves. */
function templateAt(source: string, from: number): { fixed: string; end: number } {
  let fixed = "";
  let at = from;
  while (source[at] !== "`") {
    if (source.startsWith("${", at)) {
      at = valueEnd(source, at + 2);
      fixed += "\0";
    } else {
      if (source[at] === "\\") at++;
      fixed += source[at++];
    }
  }
  return { fixed, end: at + 1 };
}

/** Behind the brace that closes a value. */
function valueEnd(source: string, from: number): number {
  let at = from;
  for (let depth = 1; depth > 0; at++) {
    const character = source[at];
    if (character === "{") depth++;
    else if (character === "}") depth--;
    else if (character === "`") at = templateAt(source, at + 1).end - 1;
    else if (character === '"' || character === "'") {
      for (at++; source[at] !== character; at++) if (source[at] === "\\") at++;
    }
  }
  return at;
}

/** Words that a file's templates have in themselves, with their lines. */
function literalsOf(source: string): string[] {
  return [...source.matchAll(TEMPLATE)].flatMap(({ index, 0: { length } }) => {
    const { fixed } = templateAt(source, index + length);
    const line = source.slice(0, index).split("\n").length;
    const attributes = [...fixed.matchAll(SPOKEN)].map(([, value]) => value);
    const texts = fixed.split(/<(?:[^"'>]|"[^"]*"|'[^']*')*>/);
    return [...attributes, ...texts].filter((text) => /\p{L}{2}/u.test(text)).map((text) => `${line}: ${text.trim()}`);
  });
}

it("finds words between tags and in what is spoken, of templates in templates as well, and none in code", () => {
  const source = `html\`<p title="At \${n}" class="wide">\${isOpen ? html\`<b>Open \${name}</b>\` : "x"}</p><i aria-label=\${words.a}>\${say("}")} ›</i>\``;
  expect(literalsOf(source)).toEqual(["1: At \0", "1: Open \0"]);
});

it("no template of the elements has words of its own: they are in src/ui/words", () => {
  const files = readdirSync(UI, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$/.test(file));
  const found = sources.flatMap((file) =>
    literalsOf(readFileSync(path.join(UI, file), "utf8")).map((literal) => `${file}:${literal}`),
  );
  expect(found).toEqual([]);
});
