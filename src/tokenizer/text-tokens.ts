import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { PieceStream } from "./stream.js";
import type { Chat } from "../vocabulary/chat.js";
import type { Tokenizer } from "./tokenizer.js";

/** What a text is made of: its tokens' ids, and the text that each adds. The pieces joined give the text. */
export interface TextTokens {
  ids: TokenId[];
  pieces: string[];
}

/** How a text is read. */
export interface TextReading {
  /** With the tokens that the tokenizer puts around a prompt, as BOS; their pieces are empty. Default: the text's own alone. */
  special?: boolean;
}

/** The tokens of a text. A character that spans several comes with the last of them, the others' pieces are empty. */
export function tokensOf(
  tokenizer: Pick<Tokenizer, "encode" | "promptIds" | "bytes" | "isSpecial">,
  text: string,
  { special = false }: TextReading = {},
): TextTokens {
  if (typeof text !== "string") throw new InvalidOptionError(`The text must be a string, got ${JSON.stringify(text)}.`);
  const own = tokenizer.encode(text);
  const ids = special ? tokenizer.promptIds(text) : own;
  const before = special ? startOf(own, ids) : 0;
  const stream = new PieceStream(tokenizer, { skipSpecial: false });
  const pieces = own.map((id) => stream.push(id));
  // Of a tokenizer that changes texts the last token may end within a character.
  if (pieces.length > 0) pieces[pieces.length - 1] += stream.flush();
  const none = (count: number) => Array.from({ length: count }, () => "");
  return { ids, pieces: [...none(before), ...pieces, ...none(ids.length - before - own.length)] };
}

/** The tokens of a chat as the model's template writes it out, special ones included. */
export async function chatTokensOf(
  tokenizer: Pick<Tokenizer, "readChat" | "encode" | "promptIds" | "bytes" | "isSpecial">,
  chat: Chat,
): Promise<TextTokens> {
  return tokensOf(tokenizer, (await tokenizer.readChat(chat)).text);
}

/** The text of ids, special tokens included. Throws `InvalidOptionError` for what is no id of the tokenizer. */
export function textOf(tokenizer: Pick<Tokenizer, "decode" | "vocabSize">, ids: readonly TokenId[]): string {
  if (!Array.isArray(ids)) throw new InvalidOptionError(`detokenize takes a list of ids, got ${JSON.stringify(ids)}.`);
  const wrong = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= tokenizer.vocabSize);
  if (wrong >= 0) {
    throw new InvalidOptionError(
      `Entry ${wrong} of the ids is ${JSON.stringify(ids[wrong])}: this tokenizer has ids 0 to ${tokenizer.vocabSize - 1}.`,
    );
  }
  return tokenizer.decode(ids, { skipSpecial: false });
}

/** Where a text's own ids begin among those with special tokens around. */
function startOf(own: readonly TokenId[], all: readonly TokenId[]): number {
  for (let start = 0; start + own.length <= all.length; start++) {
    if (own.every((id, i) => all[start + i] === id)) return start;
  }
  return 0;
}
