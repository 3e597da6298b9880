import type { Command } from "commander";
import { terminalDevices, tokensIn } from "../runtime/terminal.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { addChatFlags, type ChatFlags, chatOf } from "./chat-flags.js";
import { refOf } from "./models.js";
import { print, printJson } from "./output.js";
import { trained } from "./shared-flags.js";

/** What `triptych tokens` is asked. */
interface TokensFlags extends ChatFlags {
  model: string;
  prompt?: string;
  special?: boolean;
  json?: boolean;
  /** Folder of a model to compare vocabularies with. */
  compare?: string;
  /** How that model reads, where its config doesn't say. */
  trainedBlock?: string;
}

/** Adds `triptych tokens` to a program. */
export function defineTokens(program: Command, signal: AbortSignal): void {
  const tokensCommand = program
    .command("tokens")
    .description("the tokens of a text or a chat, by the model's tokenizer alone")
    .option("--model <dir>", "model folder (tokenizer.json and, where there is one, tokenizer_config.json)")
    .option("--prompt <text>", "the text")
    .option("--special", "with the tokens that are put around a prompt, as BOS")
    .option("--compare <dir>", "instead: whether this model shares --model's vocabulary, and what differs")
    .addOption(trained())
    .option("--json", 'print {"ids": […], "pieces": […]}; the pieces joined give the text');
  addChatFlags(tokensCommand).action((flags: TokensFlags) => tokens(flags, signal));
}

/** `triptych tokens`: the tokens of a text or a chat, by the folder's tokenizer alone. No device is opened. */
async function tokens(flags: TokensFlags, signal: AbortSignal): Promise<void> {
  const { model, prompt, special, json, compare } = flags;
  if (compare !== undefined) return compareWith(compare, flags);
  const text = (await chatOf(flags)) ?? prompt;
  if (text === undefined)
    throw new InvalidOptionError('tokens needs --prompt TEXT, as in --prompt "Once upon a time", or --message TEXT.');
  if (text !== prompt && (prompt !== undefined || special))
    throw new InvalidOptionError(
      "A chat has its own special tokens and no other text: leave --prompt and --special out.",
    );
  const { ids, pieces } = await tokensIn(model, text, { special }, signal);
  if (json) return printJson({ ids, pieces });
  const width = String(Math.max(0, ...ids)).length;
  for (const [i, id] of ids.entries()) print(`${String(id).padStart(width)}  ${JSON.stringify(pieces[i])}\n`);
  print(`${ids.length} ${ids.length === 1 ? "token" : "tokens"}\n`);
}

/** Whether two folders' models share a vocabulary, by their small files. No device is opened. */
async function compareWith(compare: string, flags: TokensFlags): Promise<void> {
  const { model, prompt, message, json } = flags;
  if (prompt !== undefined || message !== undefined)
    throw new InvalidOptionError("--compare looks at vocabularies, not at a text: leave --prompt and --message out.");
  const refs = [refOf(model, {}), refOf(compare, { trainedBlock: flags.trainedBlock })];
  const [report] = await terminalDevices({ device: "webgpu" }).vocabularies(refs);
  if (json) return printJson(report);
  print(`${report.says}\n`);
}
