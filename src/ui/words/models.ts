// What the panel of models says, and the chat in it: fetched with the panel.
import { counted } from "../../vocabulary/counted.js";

/** A conversation with a loaded model. */
export const chatWords = {
  title: "Chat",
  system: "System prompt (may stay empty)",
  said: "What was said",
  message: "Your message",
  say: "Say something",
  send: "Send",
  stop: "Stop",
  renew: "new chat",
  figures: ({
    tokens,
    tokensPerSecond,
    rows,
    promptTokens,
  }: Record<"tokens" | "tokensPerSecond" | "rows" | "promptTokens", number>) =>
    `${counted(tokens, "token")}, ${tokensPerSecond.toFixed(1)} tokens/s; ${rows} of ${promptTokens + tokens} were forwarded, the cache had the rest`,
};

/** A load on its way. */
export const loadingWords = {
  title: "Loading",
  of: (name: string) => `Loading ${name}`,
  bytesOf: (name: string) => `Bytes of ${name}`,
  whole: "All bytes are here: the device is being filled.",
  cancel: "Cancel",
};

/** What is loaded. */
export const loadedWords = {
  title: "Loaded",
  write: (models: number) => `Write with ${models > 1 ? "them" : "it"} in the panes above`,
  unload: "unload",
};

/** The presets. */
export const presetWords = {
  title: "Presets",
  heading: "Sets that run side by side",
  sizes: (fetched: string, memory: string, licences: string) =>
    `to fetch ${fetched}, in memory about ${memory}, licence ${licences}`,
  load: "load",
  loadThis: (label: string) => `Load ${label}`,
};

/** How a model reads whose folder doesn't say it. */
export const readingWords = {
  title: "How does this model read?",
  asked: "How does this model read? Its folder doesn’t say, and its card does:",
  named: " — as its name says",
};

/** The models that the browser keeps. */
export const shelfWords = {
  title: "Kept in this browser",
  none: "Nothing yet: models of other sites stay here once they are fetched, and load without a network.",
  load: "load",
  loadThis: (address: string) => `Load ${address}`,
  remove: "delete",
  removeThis: (address: string) => `Delete ${address}`,
  licence: (name: string) => ` · licence ${name}`,
  part: (stored: string, whole: string) => `${stored} of ${whole}: loading it fetches the rest`,
};

/** A model by its address or by files. */
export const sourceWords = {
  title: "Load a model",
  address: "Model: owner/name on Hugging Face, a page there, or the address of a folder or a .gguf file",
  example: "HuggingFaceTB/SmolLM2-135M-Instruct",
  weights: "Weights",
  load: "Load",
  gated: "A gated model needs your access token",
  token: "Token: it goes to the hub alone, and is forgotten with this page",
  drop: "Or drop a .gguf file or a model's folder here.",
  files: "Choose files",
  folder: "Choose a folder",
  roundings: {
    auto: "as memory allows",
    stored: "as they are stored",
    q8: "rounded to 8 bits",
    q4: "rounded to 4 bits",
  },
};

/** The panel of models, and the chat in it. */
export const modelsWords = {
  sampling: "Sampling",
  ofChat: "chat",
  noChat: (name: string) => `${name} can't chat.`,
  noTemplate:
    "Its folder has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja), so it wasn't made for messages.",
  instead: "It writes on from a text in the panes above. For a chat load a model whose name says “Instruct” or “Chat”.",
  noWriter: (name: string) => `No decoder that writes answers can have ${name}.`,
  noRoomBeside: (names: string) =>
    `There is no memory for it beside ${names}, which stays loaded until something takes its place.`,
  loadInstead: (names: string) => `Unload ${names} and load it`,
};
