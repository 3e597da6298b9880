import { Command, CommanderError, Option } from "commander";
import { version } from "../../package.json";
import { InvalidOptionError, ModelLoadError, NotFiniteError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import { decoders, findDecoder } from "../decode/index.js";
import { ROUNDINGS } from "../backend/webgpu/ops/quantize.js";
import { bench, type BenchFlags } from "./bench.js";
import { device, type DeviceFlags } from "./device.js";
import { exampleLines, firstExample } from "./examples.js";
import { addDecoderOptions } from "./flags.js";
import { decoderHelp, examples, layOutHelp } from "./help.js";
import { complain, readerGone } from "./output.js";
import { run, type RunFlags } from "./run.js";
import { type ScoreFlags, scoreCommand } from "./score-command.js";
import { tokens, type TokensFlags } from "./tokens.js";

/** Exit codes: of use to scripts, so they stay as they are. */
const EXIT = { ok: 0, internal: 1, badInput: 2, noDevice: 3, cancelled: 130 };

/** A terminal's Ctrl+C reaches both processes of a command (scripts/driver-lines.mjs), of which one passes it on. */
const SAME_PRESS_MS = 200;

function defineCommands(signal: AbortSignal, setExitCode: (code: number) => void): Command {
  const program = new Command("triptych")
    .description("Generate text on WebGPU: autoregressive, by diffusion, or speculatively.")
    .version(version);
  const software = () => new Option("--software", "use the CPU's adapter (SwiftShader) even where there is a GPU");
  const weights = () =>
    new Option(
      "--weights <format>",
      "round the weights at load to 8 or 4 bits, and with -int8 activations to 8 (default: as in the file)",
    ).choices(Object.keys(ROUNDINGS));
  const context = () =>
    new Option("--context <n>", "tokens to make room for (default: what the model allows, at most 2048)");
  const trained = () =>
    new Option(
      "--trained-block <n|full>",
      "how a model reads that fills masks, where its config doesn't say: blocks, or all",
    );
  const tuning = () => new Option("--tuning <file>", "use the kernels that `device --tune --json` wrote down");

  const runCommand = program
    .command("run")
    .description("generate from one prompt")
    .optionsGroup("Models:")
    .option("--model <dir>", "model folder (config.json, model.safetensors, tokenizer.json)")
    .option("--draft <dir>", "folder of a second model: it drafts, or weighs the candidates of block-diffusion")
    .option(
      "--head <dir>",
      "folder of a head for the model: an EAGLE head for the drafter eagle, a joint sampler for joint_steps, or a policy for block_rule policy",
    )
    .option("--adapter <dir>", "folder of an adapter with mask tokens for the model, for the drafter mtp")
    .addOption(context())
    .addOption(trained())
    .addOption(weights())
    .optionsGroup("Prompt:")
    .option("--prompt <text>", "prompt as text")
    .option("--ids <list>", "prompt as token ids, like 5,9,2")
    .optionsGroup("Device and output:")
    .option("--json", "print one event a line; the last is `done`")
    .option("--debug", "look behind each layer whether its numbers are finite, so that an error names it; slower")
    .addOption(tuning())
    .addOption(software())
    .optionsGroup("Decoding:")
    .option("--decoder <name>", "decoding method: see below", decoders[0].name);
  const runOptions = addDecoderOptions(runCommand);
  layOutHelp(runCommand, runOptions.isShown, runOptions.docOf);
  runCommand
    .addHelpText("after", () => (runCommand.getOptionValueSource("decoder") === "cli" ? "" : decoderHelp()))
    .addHelpText("after", () => {
      const { decoder } = runCommand.opts();
      const isNamed = runCommand.getOptionValueSource("decoder") === "cli";
      // Of every decoder the first one, or all of the one that was named.
      return examples(isNamed ? exampleLines(findDecoder(decoder)) : decoders.flatMap(firstExample));
    });
  runCommand.action(async (flags: Omit<RunFlags, "options">) => {
    if ((await run({ ...flags, options: runOptions.raw }, signal)) === "cancelled") setExitCode(EXIT.cancelled);
  });

  program
    .command("score")
    .description("logits of given ids, or the likelihood of a text, as one JSON object")
    .option("--model <dir>", "model folder")
    .option("--ids <list>", "token ids, like 5,9,2")
    .option("--text-file <file>", "documents split by <|endoftext|> lines: prints {nll, tokens}")
    .option("--attend <mode>", "causal, full or block:N", "causal")
    .option("--parents <list>", "the last ids are a tree on the rest: each one's parent, -1 for the rest's end")
    .option("--last <n>", "print the logits of the last n positions", "1")
    .option("--nelbo <block:N>", "of a text under block diffusion: prints {nelbo, standard_error, tokens}, an estimate")
    .option("--draws <n>", "with --nelbo: mask patterns for each document, at least 2 (default: 4)")
    .option("--seed <n>", "with --nelbo: of the mask patterns (default: 0)")
    .addOption(context())
    .addOption(trained())
    .addOption(weights())
    .addOption(software())
    .action((flags: ScoreFlags) => scoreCommand(flags, signal));

  program
    .command("tokens")
    .description("the tokens of a text, by the model's tokenizer alone")
    .option("--model <dir>", "model folder (tokenizer.json and, where there is one, tokenizer_config.json)")
    .option("--prompt <text>", "the text")
    .option("--special", "with the tokens that are put around a prompt, as BOS")
    .option("--json", 'print {"ids": […], "pieces": […]}; the pieces joined give the text')
    .action((flags: TokensFlags) => tokens(flags, signal));

  const benchCommand = program
    .command("bench")
    .description("speed and counts of the decoders that the given models allow")
    .option("--model <dir>", "model folder")
    .option("--draft <dir>", "folder of the draft model: adds speculative")
    .option("--diffusion <dir>", "folder of the diffusion model: adds block-diffusion")
    .option("--prompt <text>", "prompt as text")
    .option("--ids <list>", "prompt as token ids")
    .option("--repeat <n>", "rounds that count", "3")
    .option("--profile", "then one run more by kernel, where the adapter has timestamps")
    .option("--json", "print the JSON line alone")
    .addOption(context())
    .addOption(trained())
    .addOption(weights())
    .addOption(tuning())
    .addOption(software());
  const benchOptions = addDecoderOptions(benchCommand, "common");
  benchCommand.action((flags: Omit<BenchFlags, "options">) => bench({ ...flags, options: benchOptions.raw }, signal));

  program
    .command("device")
    .description("the adapter and its measured limits; with a model, the cost of a forward by its number of rows")
    .option("--model <dir>", "model folder")
    .option("--tune", "also time the matmul kernels that suit the adapter, for --tuning")
    .option("--json", "print one JSON object")
    .addOption(context())
    .addOption(trained())
    .addOption(weights())
    .addOption(software())
    .action((flags: DeviceFlags) => device(flags, signal));

  // Commander would ask for the model before it names a misspelt flag.
  program.hook("preAction", (_, command) => {
    if (command.name() === "device" || command.opts().model !== undefined) return;
    throw new InvalidOptionError(`${command.name()} needs --model DIR, the folder of a model.`);
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().allowExcessArguments(false);
    if (command !== runCommand) layOutHelp(command);
    command.configureOutput({ writeErr: () => {} });
  }
  return program;
}

/** Commander's message without its prefix, with what to read next. */
function usageError(error: CommanderError, args: readonly string[], names: readonly string[]): string {
  if (error.code === "commander.help") return `which command? ${names.join(", ")} (triptych --help says more).`;
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
  const program = defineCommands(abort.signal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return readerGone.signal.aborted ? EXIT.ok : exitCode;
  } catch (error) {
    if (abort.signal.aborted) return readerGone.signal.aborted ? EXIT.ok : EXIT.cancelled;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      complain(
        usageError(
          error,
          args,
          program.commands.map((command) => command.name()),
        ),
      );
      return EXIT.badInput;
    }
    complain(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error);
  } finally {
    process.off("SIGINT", onInterrupt);
    readerGone.signal.removeEventListener("abort", onReaderGone);
  }
}
