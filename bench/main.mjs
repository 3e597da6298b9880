// npm run bench -- decode|diffusion|peers|gate: the benchmark from its TypeScript sources, through Vite's module runner.
import path from "node:path";
import { ensureDependencies, root } from "../scripts/setup.mjs";

ensureDependencies();
const { runnerImport } = await import("vite");
const { module } = await runnerImport(path.join(root, "bench/run.ts"), {
  root,
  configFile: path.join(root, "vite.config.ts"),
  logLevel: "silent",
});
// Dawn keeps the event loop alive.
process.exit(module.exitCode);
