// npm run build: the package (dist/*.js, dist/types) and the demo page (dist/demo).
import { rmSync } from "node:fs";
import path from "node:path";
import { build } from "vite";
import { root, run } from "./setup.mjs";

rmSync(path.join(root, "dist"), { recursive: true, force: true });
for (const mode of ["page", "worker", "cli", "demo"]) {
  try {
    await build({ root, configFile: path.join(root, "vite.config.ts"), mode, logLevel: "warn" });
  } catch (error) {
    console.error(`${mode}: ${error.message}`);
    process.exit(1);
  }
}
process.exitCode = run(process.execPath, [
  path.join(root, "node_modules/typescript/bin/tsc"),
  "-p",
  "tsconfig.types.json",
]);
