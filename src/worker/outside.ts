import { InvalidOptionError } from "../vocabulary/errors.js";
import { HUB, hubPage } from "../vocabulary/hub-id.js";
import type { LoadOptions } from "./model-options.js";
import { giveFiles, type ModelFiles, useToken } from "./stored-models.js";

/** The address of a model that is given by files of the page, or on a hub by more than its id; the token goes to the worker by itself. */
export async function addressOf(
  model: string | URL | ModelFiles,
  { revision, hub, token }: Pick<LoadOptions, "revision" | "hub" | "token">,
): Promise<string> {
  const isAddress = typeof model === "string" || model instanceof URL;
  const page = isAddress ? hubPage(String(model), hub, revision) : null;
  if (page === null && (revision !== undefined || hub !== undefined)) {
    throw new InvalidOptionError(
      `${revision === undefined ? "hub" : "revision"} goes with a model that is given as owner/name${isAddress ? `, not with ${model}` : ""}: leave it out.`,
    );
  }
  if (page !== null && revision !== undefined && String(model).includes("@")) {
    throw new InvalidOptionError(`The revision of ${model} is given twice, as ${revision} too: give it once.`);
  }
  if (token !== undefined) await useToken(token, originOf(page ?? (isAddress ? String(model) : HUB)));
  if (!isAddress) return giveFiles(model);
  return page ?? String(model);
}

function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : HUB;
}
