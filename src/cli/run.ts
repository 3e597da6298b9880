import { refuseForeign } from "../decode/foreign-options.js";
import { findDecoder } from "../decode/index.js";
import { terminalDevices } from "../runtime/terminal.js";
import { AUTO, type ModelDevice } from "../vocabulary/device.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, StartEvent, TokenId } from "../vocabulary/events.js";
import type { Job } from "../runtime/job.js";
import { type LoadingFlags, refOf } from "./models.js";
import { integerList } from "./numbers.js";
import { announce, print, printJson } from "./output.js";
import { TextStream } from "./text-stream.js";

/** What `triptych run` is asked. `options` are the decoder's, as written. */
export interface RunFlags extends LoadingFlags {
  model: string;
  draft?: string;
  decoder: string;
  prompt?: string;
  ids?: string;
  json?: boolean;
  /** Folder of the model's head. */
  head?: string;
  /** Folder of the model's adapter. */
  adapter?: string;
  tuning?: string;
  software?: boolean;
  options: Record<string, unknown>;
}

/** The prompt from `--prompt` or `--ids`, exactly one of which is given. */
export function promptOf({ prompt, ids }: { prompt?: string; ids?: string }): string | readonly TokenId[] {
  if (prompt !== undefined && ids === undefined) return prompt;
  if (ids !== undefined && prompt === undefined) return integerList("--ids", ids, 0);
  throw new InvalidOptionError("Give the prompt as --prompt TEXT or as --ids 5,9,2: one of them.");
}

/** Whose law the text has, in one line. */
function lawLine({ fidelity, law, boundNats }: StartEvent): string {
  const bound = boundNats === undefined ? "" : ` At most ${boundNats} nats are lost in each step.`;
  return `${fidelity}: ${law.sentence}${bound}`;
}

/** Where the text is written, and why there, in one line. */
function deviceLine({ name, description, why }: ModelDevice): string {
  return `device ${name} (${description}): ${why}`;
}

/** `triptych run`. Resolves to how the run ended; errors are thrown. */
export async function run(flags: RunFlags, signal: AbortSignal): Promise<DoneEvent["reason"]> {
  const { decoder, options, head, adapter, draft } = flags;
  refuseForeign(findDecoder(decoder), options);
  const devices = terminalDevices(flags);
  const model = refOf(flags.model, flags, { head, adapter });
  const second =
    draft === undefined ? undefined : refOf(draft, flags, { blockLength: undefined, isContextAtMost: true });
  const job: Job = { model, draft: second, decoder, options, prompt: promptOf(flags) };
  const parsed = await devices.check(job, signal);
  await devices.load(model, { signal, draft: second });
  if (second) await devices.load(second, { signal });
  const stream = new TextStream();
  const emit = (event: GenerationEvent) => {
    if (flags.json) return printJson(event);
    if (event.type === "start") announce(lawLine(event));
    if (event.type === "start" && event.device && (flags.device ?? AUTO) === AUTO) announce(deviceLine(event.device));
    if (event.type === "recovering") announce(`The GPU device was lost (${event.reason}): asking for another.`);
    if (event.type !== "error") print(stream.push(event));
  };
  const { reason } = await devices.run({ ...job, parsed }, emit, signal);
  if (!flags.json) print("\n");
  return reason;
}
