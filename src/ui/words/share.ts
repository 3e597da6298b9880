// What the part “Save, share and replay” says: fetched when it is opened.
import { counted } from "../../vocabulary/counted.js";

/** The part that carries a race away, and shows one that comes from elsewhere. */
export const shareWords = {
  private:
    "All of this stays in this browser until you copy or save it. A link or file holds the prompt and the texts.",
  trace: "Trace of this race",
  save: "Save trace",
  linkWithTrace: "Copy link with trace",
  open: "Open a trace, or drop one here:",
  copies: "Copy",
  link: "Copy link to these settings",
  element: "Copy as element",
  texts: "Copy all texts",
  copyReport: "Copy report (Markdown)",
  ofPane: "Copy a pane's run",
  pane: "Pane",
  text: "Copy text",
  library: "Copy as library code",
  command: "Copy as command line",
  noRun: "This pane has not written here yet.",
  noChat: "The command line has no place for this chat.",
  copied: (what: string) => `Done: ${what.charAt(0).toLowerCase()}${what.slice(1)}. It is on the clipboard.`,
  notCopied: "The browser did not allow the clipboard.",
  tooLong: "This race is too long for a link: save the file.",
  tooLarge: (bytes: number) => `The file has ${bytes} bytes, more than a trace may have.`,
  opened: (date: string, adapter: string) => `Replayed from ${date}, written on ${adapter}.`,
  refused: "This trace can’t be played.",
  someDevice: "a device that was not told",
  report: {
    title: "Report of a race",
    written: (date: string, adapter: string) => `Written by Triptych on ${date} on ${adapter}.`,
    prompt: "Prompt",
    figures: "Figures",
  },
  figures: {
    tokens: { label: "tokens", doc: "tokens of the completion" },
    forwards: { label: "forward passes", doc: "of the main model, those that read the prompt included" },
    tokensPerForward: { label: "tokens/forward", doc: "tokens by forward passes" },
    tokensPerSecond: {
      label: "tokens/s",
      doc: "tokens behind the first step, by the time behind it in which the run held the device",
    },
    acceptance: { label: "accepted", doc: "share of the proposed drafts that were accepted" },
    firstToken: { label: "first token", doc: "from the call to the first committed token" },
  },
};

/** The races that the browser has kept. */
export const historyWords = {
  title: "Earlier races",
  kept: (races: number, most: number, bytes: string, mostBytes: string) =>
    `${races} of at most ${counted(most, "race")} (${bytes} of ${mostBytes}); the oldest go first.`,
  here: "They are in this browser alone: nothing of them is sent anywhere. Without the tick no more are kept.",
  keep: "Keep the races that end on this page",
  fault: (message: string) =>
    `This browser keeps no races for this page: it is a private window, or its storage is full or off (${message}). Everything else works.`,
  pane: ({ label, tokens, forwards }: { label: string; tokens: number; forwards: number }) =>
    `${label}: ${counted(tokens, "token")}, ${counted(forwards, "forward pass", "forward passes")}`,
  show: "Show again",
  showThis: (prompt: string) => `Show again the race of “${prompt}”`,
  remove: "Delete",
  removeThis: (prompt: string) => `Delete the race of “${prompt}”`,
  all: "Delete all",
  asked: (races: number) => `Press again to delete all ${races}.`,
  reallyAll: (races: number) => `Really delete all ${races}`,
  not: "Keep them",
  removed: (races: number) => `Deleted: ${counted(races, "race")}.`,
  on: "Races are kept from now on.",
  off: "No more races are kept; those of the list stay until you delete them.",
};
