import { ModelLoadError } from "../../vocabulary/errors.js";
import { plainRefusal } from "./ask.js";

/** A repository of a hub, at a revision. */
export interface HubRepo {
  /** The hub's address, without a slash at its end. */
  hub: string;
  /** `owner/name`. */
  repo: string;
  revision: string;
}

/** The errors of a hub's answers about a repository. `hasToken`: it was asked with one; `names`: its files, where they are known. */
export function hubRefusal(
  { hub, repo, revision }: HubRepo,
  hasToken: boolean,
  file?: string,
  names: readonly string[] = [],
) {
  return async (response: Response): Promise<ModelLoadError> => {
    const { status, headers } = response;
    const code = headers.get("x-error-code") ?? "";
    const said = headers.get("x-error-message") ?? (await errorText(response));
    const page = `${hub}/${repo}`;
    const isGated = /gated|awaiting/i.test(code) || /gated|restricted|awaiting/i.test(said);
    if ((status === 401 || status === 403) && isGated) {
      const how = hasToken
        ? `the token that was given has no access to it: ask for access at ${page} with the token's account, and look whether the token may read gated repositories`
        : `accept its terms at ${page}, make a token at ${hub}/settings/tokens, and give it as the option token (on the command line in HF_TOKEN)`;
      return new ModelLoadError(`${repo} is gated (status ${status}): ${how}.`, "gated");
    }
    // Who has no token isn't told whether there is such a repository.
    if (status === 401 || code === "RepoNotFound" || (status === 404 && /repository/i.test(said))) {
      const folder = `a folder of your site is written ./${repo}/`;
      return new ModelLoadError(
        `${page} isn't there, or is private${hasToken ? " and the token has no access to it" : " and needs a token"} (status ${status}): check how it is written; ${folder}.`,
        status === 404 ? "missing_file" : "refused",
      );
    }
    if (code === "RevisionNotFound" || (status === 404 && /revision/i.test(said))) {
      return new ModelLoadError(
        `${page} has no revision ${revision} (status ${status}): ${page}/tree/main has its branches, tags and commits.`,
        "missing_file",
      );
    }
    if (status === 404 && file !== undefined) return missingInRepo({ hub, repo, revision }, file, names);
    // Where large files come from, what stands behind the ? opens them.
    return plainRefusal(response, response.url.replace(/\?.*$/, "") || page);
  };
}

/** Names that a message lists at most. */
const NUM_NAMES = 20;

/** The error for a file that a repository lacks, with those it has. */
export function missingInRepo({ repo, revision }: HubRepo, file: string, names: readonly string[]): ModelLoadError {
  const rest = names.length > NUM_NAMES ? ` and ${names.length - NUM_NAMES} more` : "";
  const has = names.length > 0 ? `, which has ${names.slice(0, NUM_NAMES).join(", ")}${rest}` : "";
  return new ModelLoadError(`${file} is missing in ${repo} at ${revision}${has}.`, "missing_file");
}

async function errorText(response: Response): Promise<string> {
  try {
    const { error } = (await response.clone().json()) as { error?: unknown };
    return typeof error === "string" ? error : "";
  } catch {
    return "";
  }
}
