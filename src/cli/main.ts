#!/usr/bin/env node
import { beInner, isOuter, runApart } from "./driver-lines.mjs";
import { runCommand } from "./command.js";
import { endOfOutput } from "./output.js";

if (isOuter()) {
  await runApart();
} else {
  beInner();
  const exitCode = await runCommand(process.argv.slice(2));
  await endOfOutput();
  // Dawn keeps the event loop alive and crashes when it is torn down piece by piece.
  process.exit(exitCode);
}
