import { readFileSync } from "node:fs";
import path from "node:path";
import { exampleLines } from "../src/cli/examples.js";
import type { Decoder } from "../src/decode/decoder.js";
import { decoders } from "../src/decode/index.js";
import { methods } from "../src/decode/methods.js";
import { GENERATE_OPTIONS } from "../src/transformers/generate-options.js";
import { COMMON_OPTIONS, type Option, type OptionTable } from "../src/decode/options.js";
import { withFigures } from "./method-figures.js";
import { counted } from "../src/vocabulary/counted.js";

const source = path.join(import.meta.dirname, "../src/decode");
const made = (from: string) =>
  `<!-- Made by \`npm run docs\` from ${from}: not to be edited. A test checks that it is current. -->\n`;

/** The pages of `docs` that are made: their path from the repository's root, and their text. */
export function docPages(): Map<string, string> {
  const pages = new Map<string, string>();
  pages.set("docs/decoders/README.md", overview());
  pages.set("docs/decoders/filling-masks.md", made("src/decode/masks/README.md") + textOf("masks"));
  pages.set("docs/decoders/methods.md", methodCards());
  pages.set("docs/transformers.md", migration());
  for (const decoder of decoders) pages.set(`docs/decoders/${decoder.name}.md`, pageOf(decoder));
  return pages;
}

function overview(): string {
  const rows = decoders.map(({ name, summary }) => `| [${name}](${name}.md) | ${cell(summary)} |`);
  return `${made("the decoders' folders and option tables")}
# Decoders

A decoder is a way of writing. The option \`decoder\` of the library and \`--decoder\` of the command line choose it by its name.

| decoder | how it writes |
| --- | --- |
${rows.join("\n")}

[Methods](methods.md) has a card for each decoder, draft source, verifier and commit rule. [Filling masks](filling-masks.md) has what the mask-filling decoders share: commit rules, holes and corrections.

## Options of every decoder

${tableOf(COMMON_OPTIONS)}
`;
}

/** A card for each method, as the page's choice of a method has it. */
function methodCards(): string {
  const cards = withFigures(methods).map(
    ({ name, idea, paper, here, weights, options, decoders: own, axes, figure }) => {
      const marks = [axes.lossless ? "lossless" : "approximate", axes.order.replaceAll("-", " ")];
      if (axes.training) marks.push("needs training");
      if (axes.secondModel) marks.push("needs a second model");
      if (axes.revises) marks.push("revises");
      if (axes.cached) marks.push("keeps a cache");
      const nats = figure?.nats === null ? "" : `, ${counted(Number(figure?.nats), "nat")} a token`;
      const recorded = figure
        ? `\n- recorded: ${counted(figure.tokensPerForward, "token")} a forward${nats} (\`${figure.benchmark}\`, ${figure.date}, “${figure.row}”)`
        : "";
      return `## ${name}

${idea}

- ${marks.join(", ")}
- \`${own.join("`, `")}\`${Object.keys(options).length > 0 ? `: \`${JSON.stringify(options)}\`` : ""}${paper ? `\n- paper: ${paper}` : ""}
- here: ${here}
- needs: ${weights}${recorded}
`;
    },
  );
  return `${made("src/decode/*/methods.json")}# Methods

A method is a decoder with options. The page's button “method” lists them, with filters; which can't run with the models at hand is listed with its reason.

${cards.join("\n")}`;
}

function migration(): string {
  const rows = Object.entries(GENERATE_OPTIONS).map(
    ([name, { there, here }]) => `| \`${name}\` | ${cell(there)} | ${cell(here)} |`,
  );
  const from = "src/transformers/README.md and src/transformers/generate-options.ts";
  return `${made(from)}${readFileSync(path.join(source, "../transformers/README.md"), "utf8")}
## Options of generate()

"There" is \`@huggingface/transformers\` 4.3.1, each option tried with and without.

| option | there | here |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function pageOf(decoder: Decoder): string {
  const { name, options } = decoder;
  const entries = Object.entries(options).filter(([option, facts]) => !isCommon(option, facts));
  const first = (decoder.foremost ?? []).flatMap((option) => entries.filter(([other]) => other === option));
  const own = Object.fromEntries([...first, ...entries]);
  const lines = exampleLines(decoder);
  const parts = [made(`src/decode/${name}`) + textOf(name).trimEnd()];
  if (Object.keys(own).length > 0) {
    const others = "Beside [those of every decoder](README.md#options-of-every-decoder).";
    parts.push(`## Options\n\n${others}\n\n${tableOf(own)}`);
  }
  if (lines.length > 0) {
    parts.push(
      `## Examples\n\nFrom a folder of models, as \`public/models\`:\n\n${lines.map((line) => `    ${line}`).join("\n")}`,
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function isCommon(name: string, option: Option): boolean {
  return Object.entries(COMMON_OPTIONS).some(([common, facts]) => common === name && facts === option);
}

function textOf(folder: string): string {
  return readFileSync(path.join(source, folder, "README.md"), "utf8");
}

function tableOf(table: OptionTable): string {
  const rows = Object.entries(table).map(
    ([name, option]) =>
      `| \`${name}\` | ${cell(valuesOf(option))} | ${cell(defaultOf(option))} | ${cell(option.doc)} |`,
  );
  return ["| option | takes | default | what it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function valuesOf(option: Option): string {
  switch (option.type) {
    case "integer":
    case "number":
      return rangeOf(option);
    case "enum":
      return option.values.map((value) => `\`${value}\``).join(" ");
    case "boolean":
      return "`true` `false`";
    case "strings":
      return "texts";
    case "ids":
      return "a text, or token ids";
    case "map":
      return `numbers by ${option.keys}`;
  }
}

function rangeOf({ type, min, max, above }: Option & { type: "integer" | "number" }): string {
  if (min !== undefined && min === max) return String(min);
  const kind = type === "integer" ? "integer" : "number";
  const lower = above !== undefined ? ` above ${above}` : min !== undefined ? ` from ${min}` : "";
  return `${kind}${lower}${max === undefined ? "" : ` to ${max}`}`;
}

function defaultOf({ default: value }: Option): string {
  const isUnset = value === null || (typeof value === "object" && Object.keys(value).length === 0);
  return isUnset ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
