import type { TokenId } from "../../vocabulary/events.js";

/** The texts of a file whose documents are split by lines that say `<|endoftext|>`; empty ones are left out. */
export function splitDocuments(text: string): string[] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/^<\|endoftext\|>$/m)
    .map((document) => document.replace(/^\n|\n$/g, ""))
    .filter((document) => document !== "");
}

/** Longest row, and shortest that counts, in ids: as `evaluation.json` beside the models defines its figures. */
const ROW_IDS = { max: 256, min: 64 };

/** One row of ids per document: BOS first, cut at 256 ids; rows of fewer than 64 are left out. */
export function evaluationRows(text: string, promptIds: (document: string) => TokenId[]): TokenId[][] {
  return splitDocuments(text)
    .map((document) => promptIds(document).slice(0, ROW_IDS.max))
    .filter((row) => row.length >= ROW_IDS.min);
}
