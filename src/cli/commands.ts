import { Command } from "commander";
import { version } from "../../package.json";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { bench, type BenchFlags } from "./bench.js";
import { device, type DeviceFlags } from "./device.js";
import { addDecoderOptions } from "./flags.js";
import { layOutHelp } from "./help.js";
import { defineModels } from "./models-command.js";
import { defineChat, defineRun } from "./run-command.js";
import { type ScoreFlags, scoreCommand } from "./score.js";
import { context, dtype, kvCache, memoryLimit, onDevice, software, trained, tuning, weights } from "./shared-flags.js";
import { defineTokens } from "./tokens.js";

/** The commands of `triptych`, with their flags and help. */
export function defineCommands(signal: AbortSignal, onCancelled: () => void): Command {
  const program = new Command("triptych")
    .description("Generate text on WebGPU: autoregressive, by diffusion, or speculatively.")
    .version(version);
  defineRun(program, signal, onCancelled);
  defineChat(program, signal, onCancelled);

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
    .addOption(kvCache())
    .addOption(memoryLimit())
    .addOption(dtype())
    .addOption(onDevice())
    .addOption(software())
    .action((flags: ScoreFlags) => scoreCommand(flags, signal));

  defineTokens(program, signal);

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
    .addOption(kvCache())
    .addOption(memoryLimit())
    .addOption(dtype())
    .addOption(tuning())
    .addOption(onDevice())
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
    .addOption(kvCache())
    .addOption(memoryLimit())
    .addOption(dtype())
    .addOption(onDevice())
    .addOption(software())
    .action((flags: DeviceFlags) => device(flags, signal));

  const models = defineModels(program, signal);

  // Commander would ask for the model before it names a misspelt flag.
  program.hook("preAction", (_, command) => {
    const isFree = command.name() === "device" || command.parent === models;
    if (isFree || command.opts().model !== undefined) return;
    throw new InvalidOptionError(`${command.name()} needs --model DIR, a model's folder or its address.`);
  });
  for (const command of [program, ...program.commands, ...models.commands]) {
    command.exitOverride().allowExcessArguments(false);
    if (!["run", "chat"].includes(command.name())) layOutHelp(command);
    command.configureOutput({ writeErr: () => {} });
  }
  return program;
}
