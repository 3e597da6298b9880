// What the page says, by view. Messages that the library throws stay with the code that throws them.

/** `<triptych-replay>`. */
export const REPLAY = {
  none: "No trace is set: give its address in the attribute “trace”.",
  loading: "Loading the trace",
  refused: "This trace can’t be played.",
  recording: "A recording.",
  written: (date: string, adapter: string) =>
    `Nothing is computed here: this was written on ${date.slice(0, 10)} on ${adapter}, and its times are that machine’s.`,
  failed: "failed",
  writing: "writing",
  cut: "ends here: the rest wasn’t recorded",
  player: "Replay",
  play: "Play",
  pause: "Pause",
  back: "Step back",
  on: "Step on",
  slider: "Moment",
  moment: (position: number, last: number, time: string) => `moment ${position} of ${last}, after ${time}`,
  speed: "Speed",
  times: (speed: number) => `${speed} ×`,
  text: (label: string) => `Text of ${label}`,
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

/** How a pane drafts whose model and draft model have different tokens. */
export const fastestWords = {
  byText: "draft by the text",
  howByText:
    "The draft model drafts by the text (retokenized): its tokens are written out and read again by the model’s tokenizer.",
  differs: (message: string, drafts: string) =>
    `${message} Until then ${drafts}. “draft by the text” takes the draft model.`,
};

/** What stands on screen about the list of panes. */
export const paneListWords = {
  add: "Add a pane",
  full: (most: number) => `There is room for ${most} panes`,
  duplicate: (label: string) => `Duplicate ${label}: the same decoder with the same settings, to change one of them`,
  remove: (label: string) => `Remove ${label}`,
  added: (label: string, count: number) => `${label} added: ${count} panes.`,
  removed: (label: string, count: number) => `${label} removed: ${count === 1 ? "one pane" : `${count} panes`} left.`,
  tooMany: (asked: number, most: number) => `${asked} panes are asked for: the first ${most} are shown.`,
};

/** How far the site works without a network. */
export const offlineWords = {
  pages: "Without a network these pages open all the same; models are kept here once they have written.",
  keep: (megabytes: number) => `Keep the story models now (${megabytes} MB)`,
  keeping: (megabytes: number) => `Fetching ${megabytes} MB of models…`,
  kept: "This page and its story models work without a network.",
  failed: "The models couldn’t be kept: the network or the browser’s storage ended. Reload to try again.",
} as const;

/** What `<triptych-generate>` says as a form's control. */
export const formWords = {
  nothingWritten: "Nothing is written yet: press Generate.",
  stillWriting: "The text is still being written.",
  restored: (text: string) => `Written on an earlier visit: ${text}`,
};
