import { runCommand } from "./command.js";

/** Of the command line. The command runs while this module is imported, since Vite's module runner closes after that. */
export const exitCode = await runCommand(process.argv.slice(2));
