import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeApi } from "./api.js";
import { root } from "./contents.js";
import { fillServiceWorker } from "./offline.js";
import { PLAYER } from "./page.js";
import { docsFiles } from "./site.js";

/**
 * Writes the documentation into `folder/docs`, as pages with relative addresses, from the repository's documents and the built types; then the
 * list of all files into the site's service worker. Throws where a public symbol has no doc, or a link leads nowhere.
 */
export function writeSite(folder: string): void {
  const { markdown, undocumented } = describeApi();
  if (undocumented.length > 0)
    throw new Error(`These public symbols have no doc comment:\n  ${undocumented.join("\n  ")}`);
  for (const [name, text] of docsFiles(markdown)) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  copyFileSync(path.join(root, "dist/replay.js"), path.join(folder, PLAYER));
  fillServiceWorker(folder);
}
