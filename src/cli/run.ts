import { refuseForeign } from "../decode/foreign-options.js";
import { findDecoder } from "../decode/index.js";
import { terminalDevices } from "../runtime/terminal.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { Job } from "../runtime/job.js";
import type { Prompt } from "../vocabulary/prompt.js";
import { type ChatFlags, chatOf } from "./chat-flags.js";
import { type LoadingFlags, refOf } from "./models.js";
import { integerList } from "./numbers.js";
import { announce, print, printJson } from "./output.js";
import { tellStart } from "./start-lines.js";
import { TextStream } from "./text-stream.js";

/** What `triptych run` is asked. */
export interface RunFlags extends WritingFlags, ChatFlags {
  prompt?: string;
  ids?: string;
}

/** What writes, and how. `options` are the decoder's, as written. */
export interface WritingFlags extends LoadingFlags {
  model: string;
  draft?: string;
  decoder: string;
  json?: boolean;
  /** Folder of the model's head. */
  head?: string;
  /** Folder of the model's adapter. */
  adapter?: string;
  /** Folder of a LoRA adapter of the model. */
  lora?: string;
  tokenizer?: string;
  tuning?: string;
  software?: boolean;
  options: Record<string, unknown>;
}

/** The prompt from `--prompt`, `--ids` or `--message`, exactly one of which is given. */
async function promptOf(flags: RunFlags): Promise<Prompt> {
  const chat = await chatOf(flags);
  if (chat && flags.prompt === undefined && flags.ids === undefined) return chat;
  if (chat)
    throw new InvalidOptionError("Give the prompt as --prompt TEXT, as --ids 5,9,2 or as --message TEXT: one of them.");
  return plainPromptOf(flags);
}

/** The prompt from `--prompt` or `--ids`, exactly one of which is given. */
export function plainPromptOf({ prompt, ids }: { prompt?: string; ids?: string }): string | readonly TokenId[] {
  if (prompt !== undefined && ids === undefined) return prompt;
  if (ids !== undefined && prompt === undefined) return integerList("--ids", ids, 0);
  throw new InvalidOptionError(
    "Give the prompt as --prompt TEXT or as --ids 5,9,2 (a chat as --message TEXT): one of them.",
  );
}

/** `triptych run`. Resolves to how the run ended; errors are thrown. */
export async function run(flags: RunFlags, signal: AbortSignal): Promise<DoneEvent["reason"]> {
  refuseForeign(findDecoder(flags.decoder), flags.options);
  const prompt = await promptOf(flags);
  const write = await writer(flags, prompt, signal);
  return (await write({ prompt })).reason;
}

/** Loads the models that flags name, once `prompt` is checked; what it gives writes on from prompts, to standard output. */
export async function writer(
  flags: WritingFlags,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<(job: Pick<Job, "prompt" | "conversation">) => Promise<DoneEvent>> {
  const { decoder, options, head, adapter, lora, tokenizer, draft } = flags;
  const devices = terminalDevices({ ...flags, tell: announce });
  const model = refOf(flags.model, flags, { head, adapter, lora, tokenizer });
  const second =
    draft === undefined ? undefined : refOf(draft, flags, { blockLength: undefined, isContextAtMost: true });
  const job = { model, draft: second, decoder, options };
  const parsed = await devices.check({ ...job, prompt }, signal);
  await devices.load(model, { signal, draft: second });
  if (second) await devices.load(second, { signal });
  let isFirst = true;
  return async (turn) => {
    const stream = new TextStream();
    const emit = (event: GenerationEvent) => {
      if (flags.json) return printJson(event);
      if (event.type === "start" && isFirst) tellStart(event, flags.device);
      if (event.type === "recovering") announce(`The GPU device was lost (${event.reason}): asking for another.`);
      if (event.type !== "error") print(stream.push(event));
    };
    // Those of another prompt may depend on its length.
    const own = turn.prompt === prompt ? { ...job, ...turn, parsed } : { ...job, ...turn };
    const done = await devices.run(own, emit, signal);
    isFirst = false;
    if (!flags.json) print("\n");
    return done;
  };
}
