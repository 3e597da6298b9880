import { execFileSync } from "node:child_process";
import path from "node:path";
import { decoders } from "../src/decode/index.js";
import type { Option } from "../src/decode/options.js";

const HEAD = `// Made by \`npm run types\` from the decoders' option tables: not to be edited. A test checks that it is current.
`;

/** The TypeScript type of an option's value. */
function typeOf(option: Option): string {
  const orNull = option.default === null ? " | null" : "";
  switch (option.type) {
    case "integer":
    case "number":
      return `number${orNull}`;
    case "boolean":
      return "boolean";
    case "enum":
      return option.values.map((value) => JSON.stringify(value)).join(" | ") + orNull;
    case "strings":
      return "string | readonly string[]";
    case "ids":
      return "string | readonly number[] | null";
    case "map":
      return "Readonly<Record<number, number>> | ReadonlyMap<number, number>";
  }
}

function docOf({ doc, default: value }: Option): string {
  const isSet = value !== null && (typeof value !== "object" || Object.keys(value).length > 0);
  return `${doc}.${isSet ? ` Default: \`${JSON.stringify(value)}\`.` : ""}`.replaceAll("*/", "* /");
}

const field = (name: string, option: Option) => `  /** ${docOf(option)} */\n  ${name}: ${typeOf(option)};`;

/** The text of `src/worker/decoder-options.ts`: every option once, and by decoder which it takes. */
export function optionTypes(): string {
  const shared = new Map<string, string>();
  const taken = decoders.map(({ name, options }) => {
    const own: string[] = [];
    const picked: string[] = [];
    for (const [option, facts] of Object.entries(options)) {
      const text = field(option, facts);
      if (!shared.has(option)) shared.set(option, text);
      // Two decoders may mean different values by one name.
      if (shared.get(option) === text) picked.push(option);
      else own.push(text);
    }
    const names = picked.map((option) => JSON.stringify(option)).join(" | ");
    const more = own.length > 0 ? ` & {\n${own.join("\n")}\n}` : "";
    return `  ${JSON.stringify(name)}: Pick<Options, ${names}>${more};`;
  });
  return formatted(`${HEAD}
/** Every option of every decoder. */
interface Options {
${[...shared.values()].join("\n")}
}

/** Each decoder's options, in snake_case. */
export interface DecoderOptions {
${taken.join("\n")}
}
`);
}

function formatted(source: string): string {
  const biome = path.join(import.meta.dirname, "../node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "format", "--stdin-file-path=decoder-options.ts"];
  return execFileSync(process.execPath, args, { input: source, encoding: "utf8" });
}
