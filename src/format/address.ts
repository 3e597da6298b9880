import { InvalidOptionError } from "../vocabulary/errors.js";
import { HUB, hubPage } from "../vocabulary/hub-id.js";
import type { HubRepo } from "./kept/hub-refusals.js";

/** Where a model is, as a person names it: a folder or a file of a web server, or a hub's repository, or one file of that. */
export type Address =
  | { kind: "web"; folder: string; file: string | null }
  | ({ kind: "hub"; file: string | null } & HubRepo);

/** Hosts whose plain `/owner/name` is a repository; others are told by `tree`, `blob` or `resolve` behind it. */
const HUB_HOSTS = [new URL(HUB).host, "hf.co", "hf-mirror.com"];
const PAGE = /^(.*?)\/([^/]+\/[^/]+)\/(?:tree|blob|resolve|raw)\/([^/]+)(?:\/(.*))?$/;
/** Revisions whose names have a slash, as a hub's pages write them. */
const SLASHED = /^(refs\/(?:pr|convert)\/[^/]+)(?:\/(.*))?$/;
const WEIGHTS = /\.(?:gguf|safetensors)$/i;

/**
 * Reads an absolute URL or a hub's id. A path `…/owner/name/tree/REVISION`, `…/blob/REVISION/FILE` or `…/resolve/REVISION/FILE` is a hub's on any
 * server; of a file that holds no weights its folder is meant. A name that ends in `.gguf` or `.safetensors` is a file, any other a folder. Throws
 * `InvalidOptionError` for an address with a user's name or password, which it doesn't repeat.
 */
export function parseAddress(text: string): Address {
  const url = new URL(hubPage(text) ?? text);
  if (url.username !== "" || url.password !== "") {
    // `fetch` refuses such a URL, and its error has all of it.
    throw new InvalidOptionError(
      `A model's address can't hold a user's name or password, as that on ${url.host} does. Leave them out; a hub's models take a token beside the address.`,
    );
  }
  url.hash = "";
  return hubOf(url) ?? webOf(url);
}

/** One text for each place: what a model is listed and removed by. */
export function addressUrl(address: Address): string {
  if (address.kind === "web") return address.folder + (address.file ?? "");
  const { hub, repo, revision, file } = address;
  const at = `${hub}/${repo}/${file ? "blob" : "tree"}/${encodeURIComponent(revision)}/`;
  return at + (file ?? "");
}

/** A repository by its shortest name, as a person would give it. */
export function addressName(address: Address): string {
  if (address.kind === "web") return addressUrl(address);
  const { hub, repo, revision, file } = address;
  if (file || hub !== HUB) return addressUrl(address);
  return revision === "main" ? repo : `${repo}@${revision}`;
}

function hubOf(url: URL): Address | null {
  const path = url.pathname.replace(/\/+$/, "");
  const [, prefix, repo, segment, rest = ""] = PAGE.exec(path) ?? plainPage(url.host, path) ?? [];
  if (repo === undefined) return null;
  const hub = url.host === "hf.co" ? HUB : url.origin + prefix;
  const slashed = SLASHED.exec(`${segment}/${rest}`);
  const revision = decodeURIComponent(slashed?.[1] ?? segment);
  const name = decodeURIComponent(slashed ? (slashed[2] ?? "") : rest);
  return { kind: "hub", hub, repo: decodeURIComponent(repo), revision, file: WEIGHTS.test(name) ? name : null };
}

function plainPage(host: string, path: string): readonly string[] | null {
  if (!HUB_HOSTS.includes(host)) return null;
  const [, owner, name] = path.split("/");
  return owner && name ? [path, "", `${owner}/${name}`, "main"] : null;
}

function webOf(url: URL): Address {
  if (!WEIGHTS.test(url.pathname)) {
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return { kind: "web", folder: url.href, file: null };
  }
  const file = decodeURIComponent(url.pathname.split("/").pop() ?? "");
  url.pathname = url.pathname.replace(/[^/]*$/, "");
  return { kind: "web", folder: url.href, file };
}
