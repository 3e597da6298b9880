// npm run build: the package (dist/*.js, dist/types) and the demo page (dist/demo).
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, runnerImport } from "vite";
import { copyOnnxFiles } from "./onnx-files.mjs";
import { root, run } from "./setup.mjs";

rmSync(path.join(root, "dist"), { recursive: true, force: true });
for (const mode of ["page", "replay", "worker", "onnx", "cli", "demo", "docs", "service-worker"]) {
  try {
    await build({ root, configFile: path.join(root, "vite.config.ts"), mode, logLevel: "warn" });
  } catch (error) {
    console.error(`${mode}: ${error.message}`);
    process.exit(1);
  }
}
// Beside the worker and the command line, and beside the worker of the demo.
for (const folder of ["dist", "dist/demo/assets"]) copyOnnxFiles(path.join(root, folder));
copyFileSync(path.join(root, "dist/onnx.js"), path.join(root, "dist/demo/assets/onnx.js"));
const analyzer = path.join(root, "node_modules/@custom-elements-manifest/analyzer/cem.js");
const manifestArgs = ["analyze", "--quiet", "--config", "scripts/custom-elements-manifest.mjs"];
if (run(process.execPath, [analyzer, ...manifestArgs]) !== 0) process.exit(1);
const code = run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.types.json"]);
// The worker is a program without exports. Compiled with the rest it would drag every inner layer into the types.
writeFileSync(path.join(root, "dist/types/worker/worker.d.ts"), "export {};\n");
process.exitCode = code;

// The site around the demo pages: the documentation, and the list of all files for visits without a network.
if (code === 0) {
  const file = path.join(root, "scripts/site/write-site.ts");
  try {
    const { module } = await runnerImport(file, { root, configFile: false, logLevel: "error" });
    module.writeSite(path.join(root, "dist/demo"));
  } catch (error) {
    console.error(`documentation: ${error.message}`);
    process.exitCode = 1;
  }
}
