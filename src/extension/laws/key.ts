import type { ExtensionKey } from "../../seam/extension.js";
import type { Laws } from "../../seam/questions/draft.js";

/** Room for laws, as decoders ask whether there is any. */
export const LAWS: ExtensionKey<Laws> = { extension: "laws", what: "room for laws" };

/** Room for so many drafts, in chains. */
export interface LawsRoom extends ExtensionKey<Laws> {
  readonly numDrafts: number;
  readonly numChains: number;
  readonly isDistinct: boolean;
}

/** Room for the laws of up to `numDrafts` drafts that a session verifies; the same one when asked for again. */
export const lawsFor = (numDrafts: number, numChains = 1, isDistinct = false): LawsRoom => ({
  ...LAWS,
  numDrafts,
  numChains,
  isDistinct,
});
