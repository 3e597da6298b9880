import type { ChatMessage } from "../vocabulary/chat.js";

/** A chat as a pane shows it above the answer. */
export function textOf(messages: readonly ChatMessage[]): string {
  return messages.map(({ role, content }) => `${role}: ${typeof content === "string" ? content : ""}\n`).join("");
}
