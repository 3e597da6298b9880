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
  options: OptionTable;
  /** Values of its option `drafter` that draft with a second model, and how that reads. */
  modelDrafters: Readonly<Record<string, DraftReading>>;
}

/** What of all decoders is plain data. */
export const infos: readonly DecoderInfo[] = decoders.map(describe);

function describe({ name, label, summary, options, needs }: Decoder): DecoderInfo {
  const { drafter } = options;
  const sources = drafter?.type === "enum" ? drafter.values : [];
  const modelDrafters = Object.fromEntries(
    sources.flatMap((value): [string, DraftReading][] => {
      const { draft, draftBlock } = needs({ drafter: value });
      return draft ? [[value, draftBlock === undefined ? "causal" : "blocks"]] : [];
    }),
  );
  return { name, label, summary, options, modelDrafters };
}
