import { createInterface } from "node:readline";
import { refuseForeign } from "../decode/foreign-options.js";
import { findDecoder } from "../decode/index.js";
import type { ChatMessage } from "../vocabulary/chat.js";
import { type ChatFlags, systemOf, templateOf } from "./chat-flags.js";
import { type WritingFlags, writer } from "./run.js";

/** What `triptych chat` is asked. */
export interface TalkFlags extends WritingFlags, Pick<ChatFlags, "system" | "chatTemplate" | "chatTemplateKwargs"> {}

/** What a chat is checked by before its first turn is there. */
const FIRST: ChatMessage = { role: "user", content: "Hello" };

/**
 * `triptych chat`: each line of standard input is a turn of the user's, answered on standard output, until the input ends. What was read
 * stays in the cache from turn to turn. Resolves to whether it was cancelled.
 */
export async function chat(flags: TalkFlags, signal: AbortSignal): Promise<"complete" | "cancelled"> {
  refuseForeign(findDecoder(flags.decoder), flags.options);
  const template = await templateOf(flags);
  const said = systemOf(flags);
  const write = await writer(flags, { ...template, messages: [...said, FIRST] }, signal);
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const onAbort = () => lines.close();
  signal.addEventListener("abort", onAbort, { once: true });
  const ask = () => {
    if (process.stdin.isTTY) process.stderr.write("> ");
  };
  try {
    ask();
    for await (const line of lines) {
      if (signal.aborted) break;
      if (line.trim() !== "") {
        said.push({ role: "user", content: line });
        const { text, reason } = await write({ prompt: { ...template, messages: said }, conversation: "chat" });
        if (reason === "cancelled") return "cancelled";
        said.push({ role: "assistant", content: text });
      }
      ask();
    }
    return signal.aborted ? "cancelled" : "complete";
  } finally {
    signal.removeEventListener("abort", onAbort);
    lines.close();
  }
}
