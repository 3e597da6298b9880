import type { Decoder } from "../decode/decoder.js";
import { DEFAULT_PROMPT, type Example, examplesOf } from "../decode/examples.js";
import { flagOf } from "./flags.js";

const COLUMNS = 78;

/** A decoder's examples that embedded models can run, as command lines; long ones go on behind a backslash. */
export function exampleLines(decoder: Decoder): string[] {
  return runnable(decoder).flatMap((example) => wrapped(wordsOf(decoder, example)));
}

/** The first of them; nothing where no embedded model can run the decoder. */
export function firstExample(decoder: Decoder): string[] {
  return runnable(decoder)
    .slice(0, 1)
    .flatMap((example) => wrapped(wordsOf(decoder, example)));
}

function runnable(decoder: Decoder): Example[] {
  return examplesOf(decoder).filter(({ models }) => models);
}

function wordsOf({ name }: Decoder, { models, options, prompt = DEFAULT_PROMPT }: Example): string[] {
  const roles = Object.entries(models ?? {}).map(([role, model]) => `--${role} ${model}`);
  const flags = Object.entries(options).map(([option, value]) =>
    value === true ? flagOf(option) : `${flagOf(option)} ${quoted(value)}`,
  );
  return ["triptych run", ...roles, `--decoder ${name}`, ...flags, `--prompt "${prompt}"`];
}

function quoted(value: unknown): string {
  return typeof value === "object" ? `'${JSON.stringify(value)}'` : String(value);
}

function wrapped(words: readonly string[]): string[] {
  const lines = [""];
  for (const word of words) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 3 > COLUMNS) {
      lines[lines.length - 1] = `${line} \\`;
      lines.push(`  ${word}`);
    } else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
