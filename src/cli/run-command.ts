import type { Command } from "commander";
import { decoders, findDecoder } from "../decode/index.js";
import { exampleLines, firstExample } from "./examples.js";
import { type TalkFlags, chat } from "./chat.js";
import { addChatFlags, addTemplateFlags } from "./chat-flags.js";
import { addDecoderOptions, type DecoderFlags } from "./flags.js";
import { decoderHelp, examples, layOutHelp } from "./help.js";
import { run, type RunFlags } from "./run.js";
import { context, dtype, kvCache, memoryLimit, onDevice, software, trained, tuning, weights } from "./shared-flags.js";

/** Adds `triptych run`, whose help goes by the decoder that is named; `write` is what runs it. */
export function defineRun(program: Command, signal: AbortSignal, onCancelled: () => void, write = run): void {
  const command = addModelFlags(program.command("run").description("generate from one prompt"))
    .optionsGroup("Prompt:")
    .option("--prompt <text>", "prompt as text")
    .option("--ids <list>", "prompt as token ids, like 5,9,2");
  const decoding = addWritingFlags(addChatFlags(command));
  command
    .addHelpText("after", () => (command.getOptionValueSource("decoder") === "cli" ? "" : decoderHelp()))
    .addHelpText("after", () => {
      const { decoder } = command.opts();
      const isNamed = command.getOptionValueSource("decoder") === "cli";
      // Of every decoder the first one, or all of the one that was named.
      return examples(isNamed ? exampleLines(findDecoder(decoder)) : decoders.flatMap(firstExample));
    });
  command.action(async (flags: Omit<RunFlags, "options">) => {
    if ((await write({ ...flags, options: decoding.raw }, signal)) === "cancelled") onCancelled();
  });
}

/** Adds `triptych chat`. */
export function defineChat(program: Command, signal: AbortSignal, onCancelled: () => void): void {
  const description = "talk with a model: each line of standard input is a turn";
  const command = addModelFlags(program.command("chat").description(description)).optionsGroup("Chat:");
  const decoding = addWritingFlags(addTemplateFlags(command));
  command.addHelpText("after", () => (command.getOptionValueSource("decoder") === "cli" ? "" : decoderHelp()));
  command.action(async (flags: Omit<TalkFlags, "options">) => {
    if ((await chat({ ...flags, options: decoding.raw }, signal)) === "cancelled") onCancelled();
  });
}

/** Adds what names the models of a run. */
function addModelFlags(command: Command): Command {
  return command
    .optionsGroup("Models:")
    .option(
      "--model <dir>",
      "model folder (config.json, model.safetensors, tokenizer.json) or file, owner/name of a hub, or a URL",
    )
    .option("--draft <dir>", "folder of a second model: it drafts, or weighs the candidates of block-diffusion")
    .option(
      "--head <dir>",
      "folder of a head for the model: an EAGLE head for the drafter eagle, a joint sampler for joint_steps, or a policy for block_rule policy",
    )
    .option("--adapter <dir>", "folder of an adapter with mask tokens for the model, for the drafter mtp")
    .option("--tokenizer <dir>", "folder whose tokenizer the model has, where its own has none")
    .option("--lora <dir>", "folder of a PEFT LoRA adapter for the model, added to its weights at load")
    .addOption(context())
    .addOption(trained())
    .addOption(weights())
    .addOption(kvCache())
    .addOption(memoryLimit())
    .addOption(dtype());
}

/** Adds where a run goes on, how it is shown, and the decoders' options. */
function addWritingFlags(command: Command): DecoderFlags {
  command
    .optionsGroup("Device and output:")
    .option("--json", "print one event a line; the last is `done`")
    .option("--debug", "look behind each layer whether its numbers are finite, so that an error names it; slower")
    .addOption(tuning())
    .addOption(onDevice())
    .addOption(software())
    .optionsGroup("Decoding:")
    .option("--decoder <name>", "decoding method: see below", decoders[0].name);
  const decoding = addDecoderOptions(command);
  layOutHelp(command, decoding.isShown, decoding.docOf);
  return decoding;
}
