import { secondModel } from "./companion.js";
import type { Decoder } from "./decoder.js";
import { decoders } from "./index.js";
import type { OptionTable } from "./options.js";

/** How a draft model reads: left to right, or by blocks whose masks it fills in. */
export type DraftReading = "causal" | "blocks";

/** One decoder as a page needs it: what to call it and which options it takes. */
export interface DecoderInfo {
  name: string;
  label: string;
  summary: string;
  /** How it writes, in a paragraph: the first of its folder's README. */
  about: string;
  options: OptionTable;
  /** Values of its option `drafter` that draft with a second model, and how that reads. */
  modelDrafters: Readonly<Record<string, DraftReading>>;
}

const readmes = import.meta.glob<string>("./*/README.md", { eager: true, import: "default", query: "?raw" });

/** What of all decoders is plain data. */
export const infos: readonly DecoderInfo[] = decoders.map(describe);

function describe({ name, label, summary, options, needs }: Decoder): DecoderInfo {
  const { drafter } = options;
  const sources = drafter?.type === "enum" ? drafter.values : [];
  const modelDrafters = Object.fromEntries(
    sources.flatMap((value): [string, DraftReading][] => {
      const second = secondModel(needs({ drafter: value }).beside);
      return second ? [[value, second.block === undefined ? "causal" : "blocks"]] : [];
    }),
  );
  return { name, label, summary, about: aboutOf(name), options, modelDrafters };
}

/** The paragraph below the title of a decoder's README, as plain text. */
function aboutOf(name: string): string {
  const [, paragraph = ""] = readmes[`./${name}/README.md`].split("\n\n");
  return paragraph.replaceAll("\n", " ").replaceAll("`", "").trim();
}
