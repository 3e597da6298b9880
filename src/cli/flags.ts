import { type Command, Option } from "commander";
import { decoders, findDecoder } from "../decode/index.js";
import type { OptionTable } from "../decode/options.js";

type Entry = OptionTable[string];

/** Columns of the values of a choice; a longer list goes into the description. */
const CHOICE_COLUMNS = 24;

/** `--max-new-tokens` for `max_new_tokens`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll("_", "-")}`;
}

function placeholderOf(entry: Entry): string {
  if (entry.type === "boolean") return "[true|false]";
  if (entry.type === "enum") return isShort(entry.values) ? `<${entry.values.join("|")}>` : "<name>";
  if (entry.type === "map") return "<json>";
  return entry.type === "strings" || entry.type === "ids" ? "<text>" : "<n>";
}

function isShort(values: readonly string[]): boolean {
  return values.join("|").length <= CHOICE_COLUMNS;
}

function description(entry: Entry): string {
  const { doc, default: unless } = entry;
  const isNamed = entry.type !== "enum" || isShort(entry.values) || entry.values.every((value) => doc.includes(value));
  const choices = isNamed ? "" : `; one of ${entry.values.join(", ")}`;
  const isTold = unless === null || typeof unless === "object" || unless === false;
  return `${doc}${choices}${isTold ? "" : ` (default: ${String(unless)})`}`;
}

/** Each option once, with what it is to the decoders that have it. */
function optionsOfAll(): Map<string, Map<string, Entry>> {
  const all = new Map<string, Map<string, Entry>>();
  for (const decoder of decoders) {
    for (const [name, entry] of Object.entries(decoder.options)) {
      const takers = all.get(name) ?? new Map<string, Entry>();
      all.set(name, takers.set(decoder.name, entry));
    }
  }
  return all;
}

/** The heading that an option of a decoder stands under: what it depends on, if on anything. */
function groupOf({ when }: Entry, isCommon: boolean): string {
  if (isCommon) return "Options of every decoder:";
  const [choice] = Object.keys(when ?? {});
  return choice === undefined ? "Options of this decoder:" : `Options that go by ${flagOf(choice)}:`;
}

/** A command line's decoder options: what was given, by the options' own names, and which flags help shows. */
export interface DecoderFlags {
  /** Filled in as the command line is parsed. */
  raw: Record<string, unknown>;
  /** Whether a flag is no decoder's, every decoder's, or one of the decoder that was named. */
  isShown(option: Option): boolean;
  /** What a flag does to the decoder that was named, since it may mean something else to another; null: nothing special. */
  docOf(option: Option): string | null;
}

/**
 * Adds a flag for each decoder option, or only for those that all decoders take. Their values stay text: the decoder's
 * own table checks them, so that every way in gives the same errors.
 */
export function addDecoderOptions(command: Command, which: "all" | "common" = "all"): DecoderFlags {
  const raw: Record<string, unknown> = {};
  const takers = new Map<Option, ReadonlyMap<string, Entry>>();
  for (const [name, entries] of optionsOfAll()) {
    const isCommon = entries.size === decoders.length;
    const [entry] = entries.values();
    if (which === "common" && !isCommon) continue;
    const option = new Option(`${flagOf(name)} ${placeholderOf(entry)}`, description(entry));
    option.helpGroup(groupOf(entry, isCommon));
    if (entry.type === "strings") {
      // May be given several times.
      option.argParser((text: string, previous: string[] | undefined) => [...(previous ?? []), text]);
    }
    command.addOption(option);
    takers.set(option, entries);
    command.on(`option:${option.name()}`, () => {
      raw[name] = command.getOptionValue(option.attributeName());
    });
  }
  const named = (): string | null =>
    command.getOptionValueSource("decoder") === "cli" ? findDecoder(command.opts().decoder).name : null;
  const isShown = (option: Option): boolean => {
    const entries = takers.get(option);
    if (entries === undefined || entries.size === decoders.length) return true;
    const name = named();
    return name !== null && entries.has(name);
  };
  const docOf = (option: Option): string | null => {
    const entry = takers.get(option)?.get(named() ?? "");
    return entry ? description(entry) : null;
  };
  return { raw, isShown, docOf };
}
