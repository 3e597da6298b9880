import { InvalidOptionError } from "../vocabulary/errors.js";
import { HUB, hubPage } from "../vocabulary/hub-id.js";
import type { HubRepo } from "./kept/hub-refusals.js";

/** Where a model is, as a person names it: a folder or a file of a web server, or a hub's repository, or one file of that. */
export type Address =
  | { kind: "web"; folder: string; file: string | null }
  | ({ kind: "hub"; file: string | null; quantization?: string } & HubRepo);

/** Hosts whose plain `/owner/name` is a repository; others are told by `tree`, `blob` or `resolve` behind it. */
const HUB_HOSTS = [new URL(HUB).host, "hf.co", "hf-mirror.com"];
const PAGE = /^(.*?)\/([^/]+\/[^/]+)\/(?:tree|blob|resolve|raw)\/([^/]+)(?:\/(.*))?$/;
/** Revisions whose names have a slash, as a hub's pages write them. */
const SLASHED = /^(refs\/(?:pr|convert)\/[^/]+)(?:\/(.*))?$/;
/** First parts of a hub's addresses that are no owner of models. */
const NO_OWNERS =
  /^(?:api|blog|chat|collections|datasets|docs|join|learn|login|models|new|organizations|papers|posts|pricing|search|settings|spaces|tasks)$/;
/** Files that stand beside a model's weights, or are of another kind. */
const NO_MODEL =
  /\.(?:bin|ckpt|gz|h5|html?|ipynb|jinja|jpe?g|json|md|model|msgpack|onnx|pdf|png|pth?|py|tar|txt|ya?ml|zip)\/?$/i;
const WEIGHTS = /\.(?:gguf|safetensors)$/i;

/**
 * Reads an absolute URL or a hub's id. A path `…/owner/name/tree/REVISION`, `…/blob/REVISION/FILE` or `…/resolve/REVISION/FILE` is a hub's on any
 * server; of a file that holds no weights its folder is meant. A name that ends in `.gguf` or `.safetensors` is a file, any other a folder. Throws
 * `InvalidOptionError` for what can't be a model's, and for an address with a user's name or password, which it doesn't repeat.
 */
export function parseAddress(text: string): Address {
  const page = hubPage(text) ?? text.trim();
  if (!URL.canParse(page)) throw noAddress(text, "is no address");
  const url = new URL(page);
  if (url.username !== "" || url.password !== "") {
    // `fetch` refuses such a URL, and its error has all of it.
    throw new InvalidOptionError(
      `A model's address can't hold a user's name or password, as that on ${url.host} does. Leave them out; a hub's models take a token beside the address.`,
    );
  }
  url.hash = "";
  return hubOf(url) ?? webOf(url);
}

/** The error for what can't be a model's address: what it is, and what to give. */
export function noAddress(text: string, what: string): InvalidOptionError {
  return new InvalidOptionError(
    `${JSON.stringify(text)} ${what}: give owner/name of a hub's model, or the URL (on the command line also the path) of its folder, its .gguf file or its .safetensors file.`,
  );
}

/** Refuses a folder's URL or path that is that of a file which holds no model. */
export function checkFolder(text: string, path: string): void {
  const [name] = /[^/\\]+(?=\/?$)/.exec(path) ?? [""];
  if (!NO_MODEL.test(name)) return;
  const what = /^(?:config|tokenizer)\.json$/.test(name)
    ? "is one file of a model, not its folder"
    : "is a file that holds no model's weights as they are read here";
  throw noAddress(text, what);
}

/** One text for each place. */
export function addressUrl(address: Address): string {
  if (address.kind === "web") return address.folder + (address.file ?? "");
  const { hub, repo, revision, file, quantization } = address;
  const at = `${hub}/${repo}/${file ? "blob" : "tree"}/${encodeURIComponent(revision)}/`;
  return at + (file ?? (quantization ? `?quantization=${quantization}` : ""));
}

/** The place of a model's folder: what it is listed and removed by. */
export function folderUrl(address: Address): string {
  return addressUrl(
    address.kind === "hub" ? { ...address, file: null, quantization: undefined } : { ...address, file: null },
  );
}

/** A repository by its shortest name, as a person would give it. */
export function addressName(address: Address): string {
  if (address.kind === "web") return addressUrl(address);
  const { hub, repo, revision, file, quantization } = address;
  if (file || hub !== HUB) return addressUrl(address);
  return repo + (quantization ? `:${quantization}` : "") + (revision === "main" ? "" : `@${revision}`);
}

function hubOf(url: URL): Address | null {
  const path = url.pathname.replace(/\/+$/, "");
  const isHub = HUB_HOSTS.includes(url.host);
  if (isHub) checkHubPage(url.href, path);
  const [, prefix, named, segment, rest = ""] = PAGE.exec(path) ?? plainPage(isHub, path) ?? [];
  if (named === undefined) return null;
  const [repo, tag] = decodeURIComponent(named).split(":");
  const quantization = url.searchParams.get("quantization") ?? tag;
  const hub = url.host === "hf.co" ? HUB : url.origin + prefix;
  const slashed = SLASHED.exec(`${segment}/${rest}`);
  const revision = decodeURIComponent(slashed?.[1] ?? segment);
  const name = decodeURIComponent(slashed ? (slashed[2] ?? "") : rest);
  const file = WEIGHTS.test(name) ? name : null;
  return { kind: "hub", hub, repo, revision, file, ...(quantization && !file && { quantization }) };
}

/** Refuses pages of the hub itself that are no model's. */
function checkHubPage(text: string, path: string): void {
  const [, owner, name] = path.split("/");
  if (owner === "datasets" || owner === "spaces") {
    throw noAddress(text, `is a page of the hub's ${owner === "spaces" ? "spaces" : "data sets"}, no model's`);
  }
  if (!owner || !name || NO_OWNERS.test(owner)) throw noAddress(text, "is a page of the hub, no model's");
}

function plainPage(isHub: boolean, path: string): readonly string[] | null {
  if (!isHub) return null;
  const [, owner, name] = path.split("/");
  return owner && name ? [path, "", `${owner}/${name}`, "main"] : null;
}

function webOf(url: URL): Address {
  if (!WEIGHTS.test(url.pathname)) {
    checkFolder(url.href, url.pathname);
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return { kind: "web", folder: url.href, file: null };
  }
  const file = decodeURIComponent(url.pathname.split("/").pop() ?? "");
  url.pathname = url.pathname.replace(/[^/]*$/, "");
  return { kind: "web", folder: url.href, file };
}
