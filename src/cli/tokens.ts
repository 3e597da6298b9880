import { tokensIn } from "../runtime/terminal.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { print, printJson } from "./output.js";

/** What `triptych tokens` is asked. */
export interface TokensFlags {
  model: string;
  prompt?: string;
  special?: boolean;
  json?: boolean;
}

/** `triptych tokens`: the tokens of a text, by the folder's tokenizer alone. No device is opened. */
export async function tokens({ model, prompt, special, json }: TokensFlags, signal: AbortSignal): Promise<void> {
  if (prompt === undefined)
    throw new InvalidOptionError('tokens needs --prompt TEXT, as in --prompt "Once upon a time".');
  const { ids, pieces } = await tokensIn(model, prompt, { special }, signal);
  if (json) return printJson({ ids, pieces });
  const width = String(Math.max(0, ...ids)).length;
  for (const [i, id] of ids.entries()) print(`${String(id).padStart(width)}  ${JSON.stringify(pieces[i])}\n`);
  print(`${ids.length} ${ids.length === 1 ? "token" : "tokens"}\n`);
}
