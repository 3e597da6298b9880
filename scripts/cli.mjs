// npm run -s cli: the command line from the TypeScript sources, through Vite's module runner. Nothing else is printed.
import path from "node:path";
import { isOuter, runApart } from "../src/cli/driver-lines.mjs";
import { ensureDependencies, root } from "./setup.mjs";

/** Runs the command in this process. */
async function runHere() {
  const { runnerImport } = await import("vite");
  // npm starts scripts in the project's folder; paths on the command line are meant from where the user stands.
  if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
  // The module runs the command while it is imported: the runner closes after that.
  await runnerImport(path.join(root, "src/cli/main.ts"), {
    root,
    configFile: path.join(root, "vite.config.ts"),
    logLevel: "silent",
  });
}

if (isOuter()) {
  ensureDependencies();
  await runApart();
} else {
  await runHere();
}
