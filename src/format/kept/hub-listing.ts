import { ModelLoadError } from "../../vocabulary/errors.js";
import { SilenceError } from "../patient-fetch.js";
import { ask, plainRefusal, unreachable } from "./ask.js";
import type { Digest } from "./digest.js";
import { type HubRepo, hubRefusal } from "./hub-refusals.js";
import type { Keeping } from "./keeping.js";

/** One file of a repository. */
export interface ListedFile {
  byteLength: number | null;
  digest: Digest | null;
}

/** What a repository has at a commit. */
export interface Listing {
  commit: string;
  license: string | null;
  files: Record<string, ListedFile>;
}

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** What a repository of a hub has, pinned to the commit that its revision is now; null where the server tells no such thing, as a plain mirror. */
export async function listRepo(
  keeping: Keeping,
  at: HubRepo,
  { signal, onWait }: { signal?: AbortSignal; onWait?(message: string): void } = {},
): Promise<Listing | null> {
  const token = keeping.tokens.get(new URL(at.hub).origin);
  const get = async (path: string): Promise<unknown> => {
    const refusal = async (response: Response) =>
      isAnswerOfHub(response) ? hubRefusal(at, token !== undefined)(response) : noApi(response);
    const response = await ask(keeping, `${at.hub}/api/models/${at.repo}/${path}`, { signal, token, onWait, refusal });
    return response.json().catch((error: unknown) => {
      if (error instanceof SilenceError) throw unreachable(`${at.hub}/${at.repo}`, error);
      return null;
    });
  };
  let told: unknown;
  try {
    told = await get(`revision/${encodeURIComponent(at.revision)}?blobs=true`);
  } catch (error) {
    if (error instanceof ModelLoadError && error.code === NO_API) return null;
    throw error;
  }
  if (!isJson(told) || typeof told.sha !== "string" || !Array.isArray(told.siblings)) return null;
  const files = Object.fromEntries(told.siblings.filter(isJson).map(fileOf));
  const isSized = Object.values(files).every(({ byteLength }) => byteLength !== null);
  // Some mirrors leave the sizes out.
  const tree = isSized ? null : await get(`tree/${told.sha}?recursive=true`).catch(() => null);
  for (const item of Array.isArray(tree) ? tree.filter(isJson) : []) {
    const [name, file] = fileOf(item);
    if (name in files) files[name] = file;
  }
  return { commit: told.sha, license: licenseOf(told), files };
}

const NO_API = "no_api";

/** A server that isn't a hub answers a question that it doesn't know with a page, or nothing. */
function isAnswerOfHub({ status, headers }: Response): boolean {
  if (![404, 405, 501].includes(status)) return true;
  return headers.has("x-error-code") || /json/i.test(headers.get("content-type") ?? "");
}

async function noApi(response: Response): Promise<ModelLoadError> {
  return new ModelLoadError(plainRefusal(response, response.url).message, NO_API);
}

/** Of a model's `siblings`, or of a `tree`. */
function fileOf(item: Json): [string, ListedFile] {
  const lfs = isJson(item.lfs) ? item.lfs : null;
  const sha256 = lfs?.sha256 ?? lfs?.oid;
  const git = item.blobId ?? item.oid;
  const byteLength = lfs?.size ?? item.size;
  const digest: Digest | null =
    typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)
      ? { kind: "sha256", hex: sha256 }
      : !lfs && typeof git === "string" && /^[0-9a-f]{40}$/.test(git)
        ? { kind: "git", hex: git }
        : null;
  const file = { byteLength: typeof byteLength === "number" ? byteLength : null, digest };
  return [String(item.rfilename ?? item.path), file];
}

function licenseOf({ cardData, tags }: Json): string | null {
  const named = isJson(cardData) ? (cardData.license_name ?? cardData.license) : undefined;
  if (typeof named === "string") return named;
  const tag = Array.isArray(tags)
    ? tags.find((one) => typeof one === "string" && one.startsWith("license:"))
    : undefined;
  return typeof tag === "string" ? tag.slice("license:".length) : null;
}
