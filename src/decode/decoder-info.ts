import type { Decoder } from "./decoder.js";
import { decoders } from "./index.js";
import type { OptionTable } from "./options.js";

/** One decoder as a page needs it: what to call it and which options it takes. */
export interface DecoderInfo {
  name: string;
  label: string;
  summary: string;
  /** How it writes, in a paragraph: the first of its folder's README. */
  about: string;
  options: OptionTable;
  /** Names of the options that matter most, the first ones first; left out: all of its own do. */
  foremost?: readonly string[];
  /** It reads sets of segments in a prompt. */
  readsSets?: true;
}

const readmes = import.meta.glob<string>("./*/README.md", { eager: true, import: "default", query: "?raw" });

/** What of all decoders is plain data. */
export const infos: readonly DecoderInfo[] = decoders.map(describe);

function describe({ name, label, summary, options, foremost, readsSets }: Decoder): DecoderInfo {
  return {
    name,
    label,
    summary,
    about: aboutOf(name),
    options,
    ...(foremost && { foremost }),
    ...(readsSets && { readsSets }),
  };
}

/** The paragraph below the title of a decoder's README, as plain text. */
function aboutOf(name: string): string {
  const [, paragraph = ""] = readmes[`./${name}/README.md`].split("\n\n");
  return paragraph.replaceAll("\n", " ").replaceAll("`", "").trim();
}
