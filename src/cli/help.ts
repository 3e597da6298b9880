import { type Command, Help, type Option } from "commander";
import { decoders } from "../decode/index.js";

const COLUMNS = 80;
/** Columns of a flag and its value; a longer one has a line of its own. */
const TERM_COLUMNS = 26;

/**
 * Lays a command's help out in 80 columns; `isShown` hides options that don't matter for what was asked, `docOf` says what one
 * does there.
 */
export function layOutHelp(
  command: Command,
  isShown: (option: Option) => boolean = () => true,
  docOf: (option: Option) => string | null = () => null,
): void {
  command.configureHelp({
    helpWidth: COLUMNS,
    padWidth: () => TERM_COLUMNS,
    optionDescription(option) {
      return docOf(option) ?? Help.prototype.optionDescription.call(this, option);
    },
    visibleOptions: (shown) => Help.prototype.visibleOptions.call(command.createHelp(), shown).filter(isShown),
    formatItem(term, termWidth, description, helper) {
      if (helper.displayWidth(term) <= termWidth) {
        return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
      }
      const below = Help.prototype.formatItem.call(this, "", termWidth, description, helper);
      return `  ${term}\n${below}`;
    },
  });
}

/** A list of names with a line on each, wrapped like the options. */
function listing(title: string, entries: readonly (readonly [string, string])[]): string {
  const helper = Object.assign(new Help(), { helpWidth: COLUMNS });
  const lines = entries.map(([name, doc]) => helper.formatItem(name, TERM_COLUMNS, doc, helper));
  return `\n${title}\n${lines.join("\n")}`;
}

/** Names and summaries of the decoders, and where the options of each are listed. */
export function decoderHelp(): string {
  const entries = decoders.map(({ name, summary }) => [name, summary] as const);
  return `${listing("Decoders:", entries)}\n\n  triptych run --decoder NAME --help lists the options of a decoder.`;
}

/** Command lines to start from; nothing where there are none. */
export function examples(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
