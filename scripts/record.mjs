// npm run record: writes public/recorded.json, the race that the demo page opens on, and the gallery's traces (record-race.ts), through Vite's module runner.
import path from "node:path";
import { isOuter, runApart } from "../src/cli/driver-lines.mjs";
import { ensureDependencies, root } from "./setup.mjs";

if (isOuter()) {
  ensureDependencies();
  await runApart();
} else {
  const { runnerImport } = await import("vite");
  // The module records while it is imported: the runner closes after that.
  await runnerImport(path.join(root, "scripts/record-race.ts"), {
    root,
    configFile: path.join(root, "vite.config.ts"),
    logLevel: "silent",
  });
}
