import { type Command, Option } from "commander";
import { decoders } from "../decode/index.js";
import type { OptionTable } from "../decode/options.js";

type Entry = OptionTable[string];

/** `--max-new-tokens` for `max_new_tokens`. */
function flagOf(name: string): string {
  return `--${name.replaceAll("_", "-")}`;
}

function placeholderOf(entry: Entry): string {
  if (entry.type === "boolean") return "[true|false]";
  if (entry.type === "enum") return `<${entry.values.join("|")}>`;
  if (entry.type === "map") return "<json>";
  return entry.type === "strings" || entry.type === "ids" ? "<text>" : "<n>";
}

/** Each option once, with the decoders that have it. */
function optionsOfAll(): Map<string, { entry: Entry; takenBy: string[] }> {
  const all = new Map<string, { entry: Entry; takenBy: string[] }>();
  for (const decoder of decoders) {
    for (const [name, entry] of Object.entries(decoder.options)) {
      const known = all.get(name);
      if (known) known.takenBy.push(decoder.name);
      else all.set(name, { entry, takenBy: [decoder.name] });
    }
  }
  return all;
}

/**
 * Adds a flag for each decoder option, or only for those that all decoders take. Their values stay text: the decoder's
 * own table checks them, so that every way in gives the same errors. The record that is returned holds, once the command
 * line is parsed, what was given, by the options' own names.
 */
export function addDecoderOptions(command: Command, which: "all" | "common" = "all"): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const [name, { entry, takenBy }] of optionsOfAll()) {
    const isCommon = takenBy.length === decoders.length;
    if (which === "common" && !isCommon) continue;
    const doc = isCommon ? entry.doc : `${entry.doc} (${takenBy.join(", ")})`;
    const option = new Option(`${flagOf(name)} ${placeholderOf(entry)}`, doc);
    if (entry.type === "strings") {
      // May be given several times.
      option.argParser((text: string, previous: string[] | undefined) => [...(previous ?? []), text]);
    }
    command.addOption(option);
    command.on(`option:${option.name()}`, () => {
      raw[name] = command.getOptionValue(option.attributeName());
    });
  }
  return raw;
}

/** Names and summaries of the decoders, for `--help`. */
export function decoderHelp(): string {
  const width = Math.max(...decoders.map(({ name }) => name.length));
  return `\nDecoders:\n${decoders.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join("\n")}`;
}
