import type { ModelRef } from "../../worker/client.js";
import type { Prompt } from "../../vocabulary/prompt.js";

/** A run to write anew elsewhere: its models, the main one first, and what was asked of its decoder. */
export interface CopiedRun {
  decoder: string;
  refs: readonly ModelRef[];
  prompt: Prompt;
  options: Readonly<Record<string, unknown>>;
}

/** Where models run that the command line knows, too. */
const TERMINAL_DEVICES = ["webgpu", "wasm"];

/** JavaScript that writes this text by the library. */
export function libraryCode({ decoder, refs, prompt, options }: CopiedRun): string {
  const [model, second] = refs;
  const given = { decoder, ...plain(options) };
  const how = second ? `{ ...${script(given)}, draft }` : script(given);
  return [
    'import { load } from "triptych-lm";',
    `const model = await load(${loading(model)});`,
    ...(second ? [`const draft = await load(${loading(second)});`] : []),
    `const { text } = await model.generateText(${script(prompt)}, ${how});`,
    "console.log(text);",
    "",
  ].join("\n");
}

/** A command of a POSIX shell that writes this text; null for a chat. */
export function commandLine({ decoder, refs, prompt, options }: CopiedRun): string | null {
  if (typeof prompt !== "string") return null;
  const [model, second] = refs;
  const { device } = model;
  const words = ["triptych", "run", "--model", model.url];
  if (second) words.push("--draft", second.url);
  if (device && TERMINAL_DEVICES.includes(device)) words.push("--device", device);
  words.push("--decoder", decoder, "--prompt", prompt);
  for (const [name, value] of Object.entries(plain(options))) {
    const flag = `--${name.replaceAll("_", "-")}`;
    for (const one of Array.isArray(value) ? value : [value]) {
      words.push(flag, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  return words.map(quoted).join(" ");
}

/** HTML with these attributes; those that are undefined are left out. */
export function elementCode(
  attributes: Readonly<Record<string, string | number | undefined>>,
  options: object,
): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const written = given.map(([name, value]) => ` ${name}="${escapedAttribute(String(value))}"`).join("");
  const more = plain(options);
  const hasMore = Object.keys(more).length > 0;
  return [
    '<script type="module" src="https://your.site/triptych/define.js"></script>',
    `<triptych-compare${written}></triptych-compare>`,
    ...(hasMore ? [`<script>document.querySelector("triptych-compare").options = ${script(more)};</script>`] : []),
    "",
  ].join("\n");
}

function loading({ url, isContextAtMost, ...how }: ModelRef): string {
  // A second model's room is what the first one has.
  const { context, ...rest } = how;
  const given = plain(isContextAtMost ? rest : { ...rest, context });
  return Object.keys(given).length > 0 ? `${script(url)}, ${script(given)}` : script(url);
}

/** What is set, as plain data. */
function plain(options: object): Record<string, unknown> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

/** A value as JavaScript that may also stand in a page's script. */
function script(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function escapedAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll("\n", "&#10;");
}
