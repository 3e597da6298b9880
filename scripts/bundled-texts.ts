// What only readers of the sources need is left out of what is bundled.
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** A shader without comments, and without white space except the preprocessor's lines and what parts two words or two signs. */
export function shortWgsl(text: string): string {
  const parts = text.replace(/\/\/.*/g, "").split(/^\s*(#.*)$/m);
  return parts
    .map((part, i) => (i % 2 === 1 ? part.trim() : withoutSpaces(part.trim())))
    .filter(Boolean)
    .join("\n");
}

function withoutSpaces(code: string): string {
  // What a constant stands for may be a word.
  return code.replace(/(\$\{\w+\}|\S)\s+(?=(\S))/g, (_, before: string, after: string) =>
    needsSpace(before[0], after) ? `${before} ` : before,
  );
}

function needsSpace(before: string, after: string): boolean {
  const isWord = (sign: string) => /[\w$]/.test(sign);
  return isWord(before) === isWord(after) && !/[(){}[\];:,]/.test(before + after);
}

/** Shaders as `shortWgsl` has them. */
export const shaderTexts: Plugin = {
  name: "shader-texts",
  enforce: "pre",
  load(id) {
    const file = /^(.*\.wgsl)\?raw$/.exec(id)?.[1];
    return file ? `export default ${JSON.stringify(shortWgsl(readFileSync(file, "utf8")))};` : null;
  },
};

interface SyntaxNode {
  type: string;
  start: number;
  end: number;
}

interface Property {
  type?: string;
  key?: { name?: string };
  value?: SyntaxNode;
}

/** By an object's properties, which of them are words for readers: of an option its name and doc, of a choice what it does. */
function wordsIn(names: ReadonlySet<string | undefined>): readonly string[] {
  return names.has("type") && names.has("doc") ? ["doc", "label", "group"] : ["summary"];
}

/** The values of such properties, wherever they stand in a syntax tree. */
function* words(node: object): Generator<SyntaxNode> {
  const { type, properties } = node as { type?: string; properties?: Property[] };
  if (type === "ObjectExpression" && properties) {
    const wanted = wordsIn(new Set(properties.map(({ key }) => key?.name)));
    for (const { key, value } of properties) if (value && wanted.includes(key?.name ?? "")) yield value;
  }
  for (const child of Object.values(node)) if (child && typeof child === "object") yield* words(child);
}

/**
 * The worker's option tables without their words, which nothing in it reads: the page has them from `decoder-list`.
 * `bundled-texts.test.ts` holds both tables to the same behaviour.
 */
export const wordlessOptions: Plugin = {
  name: "wordless-options",
  apply: "build",
  enforce: "post",
  transform(code, id) {
    if (!/\/src\/decode\/.*\.ts$/.test(id) || !/\b(?:doc|summary):/.test(code)) return null;
    let wordless = code;
    for (const { type, start, end } of [...words(this.parse(code))].reverse())
      if (type === "Literal" || type === "TemplateLiteral")
        wordless = `${wordless.slice(0, start)}""${wordless.slice(end)}`;
    return { code: wordless, map: null };
  },
};

/** The elements' style sheets without comments and indentation, which no minifier looks for in a template. */
export const styleTexts: Plugin = {
  name: "style-texts",
  apply: "build",
  enforce: "pre",
  transform(code, id) {
    if (!/\/src\/ui\/([\w-]+\/)?[\w-]*style\.ts$/.test(id)) return null;
    return { code: code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\n\s+/g, "\n"), map: null };
  },
};
