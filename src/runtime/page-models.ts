import { pageKeeping } from "../format/kept/page-keeping.js";
import { StoredModels } from "./stored-models.js";

/** What is asked of them. */
export { obey } from "./stored-orders.js";

/** The models that this browser keeps. */
export async function openPageModels(): Promise<StoredModels> {
  return new StoredModels(await pageKeeping());
}
