import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { fileSource } from "../format/file-source.js";
import { nodeKeeping } from "../format/kept/node-keeping.js";
import { checkFolder, noAddress } from "../format/address.js";
import { isGguf } from "../format/gguf-source.js";
import { lateSource } from "../format/late-source.js";
import { openFile } from "../format/open-address.js";
import type { ModelSource } from "../format/source.js";
import { HUB, hubPage } from "../vocabulary/hub-id.js";
import { StoredModels } from "./stored-models.js";

/** What is told of downloads and of models that are kept. */
export type { DownloadNews, StoredModel } from "./stored-models.js";

/** Numbers of bytes for people. */
export { sizeText } from "../format/kept/room.js";

let models: StoredModels | null = null;

/** The models in this user's cache folder. The hub and its token are those of `HF_ENDPOINT` and `HF_TOKEN`. */
export function terminalModels(): StoredModels {
  if (models === null) {
    models = new StoredModels(nodeKeeping());
    if (process.env.HF_TOKEN) models.useToken(process.env.HF_TOKEN, process.env.HF_ENDPOINT || HUB);
  }
  return models;
}

/** The absolute address of a model that is none of a file or folder of this machine; null for what is one, or looks like one. */
export function webAddress(text: string): string | null {
  if (existsSync(text)) return null;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  return hubPage(text, process.env.HF_ENDPOINT || HUB);
}

/** A model by what a command line calls it: a folder or file of this machine that there is, else a URL or a hub's id. */
export function terminalSource(text: string): ModelSource {
  if (text.trim() === "") throw noAddress(text, "is no model's address");
  const address = webAddress(text);
  if (address !== null) return lateSource(text, () => terminalModels().source(address));
  if (!existsSync(text)) {
    // Longer than a drive's letter.
    const [scheme] = /^[a-z][\w+.-]+:(?=\/\/)/i.exec(text) ?? [];
    if (scheme) throw noAddress(text, `begins with ${scheme}, which nothing is loaded by`);
  }
  checkFolder(text, text);
  const isFile = isGguf(text) || statSync(text, { throwIfNoEntry: false })?.isFile();
  return isFile ? openFile(fileSource(path.dirname(text)), path.basename(text), text) : fileSource(text);
}
