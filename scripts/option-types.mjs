// npm run types: writes the options' TypeScript types, which the decoders' tables say.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { runnerImport } from "vite";
import { root } from "./setup.mjs";

const configFile = path.join(root, "vite.config.ts");
const source = path.join(root, "scripts/option-types.ts");
const { module } = await runnerImport(source, { root, configFile, logLevel: "error" });
writeFileSync(path.join(root, "src/worker/decoder-options.ts"), module.optionTypes());
