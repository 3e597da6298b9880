// npm run docs: writes the pages of docs that are made from the decoders' folders and option tables.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runnerImport } from "vite";
import { root } from "./setup.mjs";

const configFile = path.join(root, "vite.config.ts");
const { module } = await runnerImport(path.join(root, "scripts/docs.ts"), { root, configFile, logLevel: "error" });
for (const [file, text] of module.docPages()) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}
