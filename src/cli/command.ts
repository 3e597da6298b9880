import { type Command, CommanderError } from "commander";
import { InvalidOptionError, ModelLoadError, NotFiniteError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import { defineCommands } from "./commands.js";
import { complain, readerGone } from "./output.js";

/** Exit codes: of use to scripts, so they stay as they are. */
const EXIT = { ok: 0, internal: 1, badInput: 2, noDevice: 3, cancelled: 130 };

/** A terminal's Ctrl+C reaches both processes of a command (src/cli/driver-lines.mjs), of which one passes it on. */
const SAME_PRESS_MS = 200;

/** Commander's message without its prefix, with what to read next. */
function usageError(error: CommanderError, args: readonly string[], commands: readonly Command[]): string {
  const names = commands.map((command) => command.name());
  if (error.code === "commander.help") {
    // Of a command that has commands of its own, those.
    const named = commands.find((command) => command.name() === args[0] && command.commands.length > 0);
    const choice = named ? named.commands.map((command) => command.name()) : names;
    return `which command? ${choice.join(", ")} (triptych ${named ? `${named.name()} ` : ""}--help says more).`;
  }
  const message = error.message.replace(/^error: /, "");
  const command = names.includes(args[0]) ? `triptych ${args[0]}` : "triptych";
  return `${message} (${command} --help says more).`;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UnsupportedDeviceError) return EXIT.noDevice;
  const isBadInput = [InvalidOptionError, ModelLoadError, NotFiniteError].some((Kind) => error instanceof Kind);
  if (isBadInput) return EXIT.badInput;
  return EXIT.internal;
}

/** Runs one command line (without node and script) and returns the exit code. Never throws. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const abort = new AbortController();
  let exitCode = EXIT.ok;
  let interruptedMs = Number.POSITIVE_INFINITY;
  const onInterrupt = () => {
    const nowMs = performance.now();
    // A second Ctrl+C doesn't wait for the run to end tidily.
    if (nowMs - interruptedMs > SAME_PRESS_MS) process.exit(EXIT.cancelled);
    interruptedMs = Math.min(interruptedMs, nowMs);
    abort.abort();
  };
  process.on("SIGINT", onInterrupt);
  // The run ends tidily: Dawn crashes where a process exits in the middle of its work.
  const onReaderGone = () => abort.abort();
  readerGone.signal.addEventListener("abort", onReaderGone);
  const program = defineCommands(abort.signal, () => {
    exitCode = EXIT.cancelled;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return readerGone.signal.aborted ? EXIT.ok : exitCode;
  } catch (error) {
    if (abort.signal.aborted) return readerGone.signal.aborted ? EXIT.ok : EXIT.cancelled;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      complain(usageError(error, args, program.commands));
      return EXIT.badInput;
    }
    complain(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error);
  } finally {
    process.off("SIGINT", onInterrupt);
    readerGone.signal.removeEventListener("abort", onReaderGone);
  }
}
