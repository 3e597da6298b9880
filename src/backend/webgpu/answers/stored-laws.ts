import { invariant } from "../../../vocabulary/errors.js";
import type { Laws } from "../../../seam/questions/draft.js";
import { LawStore } from "../ops/laws.js";

/** Laws as this device keeps them. Throws for those of another device. */
export function storeOf(laws: Laws): LawStore {
  invariant(laws instanceof LawStore, "these laws are of another device");
  return laws;
}
