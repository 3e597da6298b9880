#!/usr/bin/env node
import { runCommand } from "./command.js";
import { endOfOutput } from "./output.js";

const exitCode = await runCommand(process.argv.slice(2));
await endOfOutput();
// Dawn keeps the event loop alive and crashes when it is torn down piece by piece.
process.exit(exitCode);
