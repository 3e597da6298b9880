// What the page says, by view. Messages that the library throws stay with the code that throws them.
import { counted } from "../../vocabulary/counted.js";

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

/** Heading of the part that carries a race away. */
export const shareSummary = "Save, share and replay";

/** How a pane drafts whose model and draft model have different tokens. */
export const fastestWords = {
  setting: "Speculative setting",
  here: "fastest here",
  fixed: "fixed draft length",
  howFixed: "Always four drafts by the draft model, whatever they cost here.",
  before: "Measured before the first run.",
  byModel: "the draft model drafts",
  byTextBefore: "drafts are what followed in the text before",
  tooSlow: (why: string, drafts: string) =>
    `Not measured. ${why} So ${drafts}, however much they cost. The draft length “adaptive” has it timed.`,
  measured: (speed: string, drafts: string) =>
    `By the costs measured here a draft model is expected at ${speed} × plain decoding, so ${drafts}, as many as pay and none where none does.`,
  byText: "draft by the text",
  howByText:
    "The draft model drafts by the text (retokenized): its tokens are written out and read again by the model’s tokenizer.",
  differs: (message: string, drafts: string) =>
    `${message} Until then ${drafts}. “draft by the text” takes the draft model.`,
};

/** The button that opens the choice of a pane's method. */
export const methodWords = { method: "method", change: (label: string) => `Change method, ${label}` };

/** What stands on screen about the list of panes. */
export const paneListWords = {
  add: "Add a pane",
  full: (most: number) => `There is room for ${most} panes`,
  duplicate: (label: string) => `Duplicate ${label}: the same decoder with the same settings, to change one of them`,
  remove: (label: string) => `Remove ${label}`,
  added: (label: string, count: number) => `${label} added: ${counted(count, "pane")}.`,
  removed: (label: string, count: number) => `${label} removed: ${counted(count, "pane")} left.`,
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

/** What one step did, below its pane: parts of a sentence, joined by commas. */
export const stepWords = {
  begins: "has read nothing yet",
  nothing: "read on, wrote nothing",
  recovering: "the device was lost; it goes on with another",
  drafted: (n: number) => `drafted ${n}`,
  kept: (n: number) => `kept ${n}`,
  keptOf: (n: number, judged: number) => `kept ${n} of ${counted(judged, "draft")}`,
  unjudged: "not judged yet",
  wrote: (n: number) => `wrote ${counted(n, "token")}`,
  wroteItself: (n: number) => `wrote ${n} itself`,
  opened: (n: number) => `opened ${counted(n, "mask")}`,
  filledOfThem: (n: number) => `filled ${n} of them`,
  filled: (n: number) => `filled ${counted(n, "mask")}`,
  changed: (n: number) => `changed ${counted(n, "token")} it had written`,
  masked: (n: number) => `masked ${counted(n, "token")} again`,
  settled: (n: number) => `settled ${counted(n, "token")}`,
  tookBack: (n: number) => `took back ${counted(n, "token")}`,
  closed: (n: number) => `closed ${counted(n, "mask")}`,
  /** The whole run, when its end is shown. */
  whole: (tokens: number, passes: number) => `${counted(tokens, "token")} in ${counted(passes, "pass", "passes")}`,
} as const;

/** Controls of options. */
export const controlWords = {
  more: "More options",
  set: (count: number) => `${count} set`,
  none: "none",
  noneOf: (label: string, of: string | undefined) => `No ${label}${of === undefined ? "" : `, ${of}`}`,
  notHere: (count: number) => `${count} can’t be chosen here`,
  auto: "auto",
};

/** The prompt and what is set beside it. */
export const deskWords = {
  example: "Example",
  examples: {
    own: "your own",
    story: "a story",
    dialogue: "someone speaks",
    rain: "a rainy morning",
    hole: "fill the hole",
    edit: "edit this text",
    sets: "a list in no order",
  },
  prompt: "Prompt",
  generate: "Generate",
  stop: "Stop",
  length: "Length",
  temperature: "Temperature",
  seed: "Seed",
  newSeed: "new seed",
  device: "Device",
  models: "Models",
  ownAddresses: "own addresses",
  modelAddress: (name: string) => `${name} model, URL`,
  chat: (messages: number) => `The page has set a chat, of ${counted(messages, "message")}: the panes answer it.`,
  writeOn: "write on from the prompt",
  keys: { control: "Ctrl", enter: "Enter", escape: "Esc" },
  or: "or",
  generates: "generates,",
  stops: "stops",
  keyOfGenerate: "Ctrl or ⌘ + Enter",
  keyOfStop: "Esc",
} as const;

const SHARES = [
  "",
  "",
  "half",
  "a third of",
  "a quarter of",
  "a fifth of",
  "a sixth of",
  "a seventh of",
  "an eighth of",
];

/** A recording that stands in for a run. */
export const recordedWords = {
  title: "Recorded",
  where: (date: string, adapter: string) => `on ${date}, on ${adapter}: this is a replay`,
  slowed: (times: number) => `, at ${SHARES[times] ?? `a ${times}th of`} its speed`,
  run: "Run it on your machine",
  skip: "Skip",
  play: "Play",
  look: "Look at a recorded run",
} as const;

/** The button that begins the guided tour. */
export const tourButton = "Take the tour";

/** The two clocks of a race. */
export const clockWords = {
  time: "Time on this device",
  timeThere: "Recorded time",
  passes: "Forward passes",
  shorter: "shorter is better",
  whyTime: "A CPU pays for every token it computes, so drafting and filling masks cost more here than on a GPU.",
  whyPasses:
    "A GPU limited by memory computes 16 tokens in about the time of one: there forward passes are what counts.",
} as const;

/** What the looks of tokens mean. */
export const legendWords = {
  title: "Legend",
  prompt: "prompt",
  committed: "committed",
  masked: "masked",
  shaded: "shaded",
  unsure: ": unsure",
  tentative: "tentative",
  revised: "revised",
  draft: "draft",
  accepted: "accepted draft",
  rejected: "rejected draft",
  recovered: "in its place",
  bonus: "bonus",
} as const;

/** The text of a pane. */
export const textWords = {
  paper: "Written text; arrow keys show its tokens one by one",
  ended: (label: string, status: string, tokens: number) => `${label}: ${status}, ${counted(tokens, "token")}.`,
};

/** Headings of folded parts, and notes of one line. */
export const partWords = {
  charts: "Charts",
  forDevelopers: "For developers",
  leftOut: "Left out of what was asked for:",
};

/** The panel that measures the device. */
export const devicePanelWords = {
  title: "This device",
  takes: "Half a second on a GPU, some seconds on a CPU, in turn with what is being written.",
  measure: "Measure",
  again: "Measure again",
  stop: "Stop measuring",
  measuring: "Measuring",
};

/** The last line of a comparison. */
export const footWords = { differ: (how: string) => `These texts differ in what was asked: ${how}.` };

/** What a pane does otherwise than its page. */
export const hereWords = {
  title: "Not as on the page",
  notTaken: (name: string, reason: string) => `The page’s ${name} isn’t taken. ${reason}`,
};

/** The choice of the model that weighs. */
export const judgeWords = { by: "Weighed by", target: "the autoregressive model", draft: "the draft model" };

/** A pane, its text apart. */
export const paneWords = {
  copy: "copy",
  copied: "copied",
  copyText: (label: string) => `Copy ${label} text`,
  preparing: "Preparing",
  bound:
    "Of the tokens that a step commits together: how far their law is from the model's own joint law (KL divergence)",
  mostNats: (nats: number) => `at most ${nats} nats lost per step`,
  loading: "Loading weights",
  loadingOf: (loaded: string, total: string) => `Loading weights: ${loaded} of ${total}`,
  opening: "Opening the device",
  gettingReady: "Getting the device ready",
  weightsHere: "Weights are here; getting the device ready",
  nothing: "Nothing was written: the reason stands above.",
};

/** A pane's steps, looked at again. */
export const replayWords = {
  step: (label: string) => `${label}, step`,
  before: (steps: number) => `before the first of ${counted(steps, "step")}`,
  at: (position: number, steps: number, tokens: number) => `step ${position} of ${steps}: ${counted(tokens, "token")}`,
};
