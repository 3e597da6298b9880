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
/** Who drafts, where the name of the option's value doesn't say it by itself. */
const DRAFTERS: Readonly<Record<string, string>> = {
  model: "the draft model",
  eagle: "the EAGLE head",
  tree: "the draft model, as a tree",
  chains: "the draft model, in several chains",
};
const draftedBy = (drafter: string | null) =>
  drafter === null ? "drafted" : `drafted by ${DRAFTERS[drafter] ?? drafter}`;

/** The card of a token. */
export const inspectorWords = {
/** The text of a pane. */
export const textWords = {
  paper: "Written text; arrow keys show its tokens one by one",
  token: (text: string) => `Token “${text}”`,
  mask: "mask",
  close: "Close",
  id: "Token id",
  probability: "Probability",
  writtenIn: "Written in",
  writtenAt: (step: number, numSteps: number, forwards: number) =>
    `step ${step} of ${numSteps}, by forward pass ${forwards}`,
  insteadOf: "Rejected in its place:",
  noText: (token: number) => `token ${token}`,
  asking: "Asking the model what else it might have written …",
  busy: "What else it might have written is asked for once all panes have ended.",
  absent: "What else it might have written needs the model: run it here.",
  failed: (message: string) => `What else it might have written isn't known: ${message}`,
  law: "The model's own probabilities here",
  entropy: "Entropy",
  nats: "nats",
  outside: (share: string) => `The token that stands here had ${share}.`,
  thisOne: "stands here",
  lawNote: (step: number | null) =>
    `Before temperature, filters and penalties; read anew from the text as ${step === null ? "it stands" : `step ${step} read it`}.`,
  states: {
    prompt: "part of the prompt",
    mask: "not filled yet",
    draft: "draft, not checked yet",
    tentative: "may still change",
    committed: "written",
  },
  rejectedState: "rejected",
  gone: "taken back",
  inStep: (step: number, words: string) => (step === 0 ? words : `Step ${step}: ${words}`),
  moves: {
    append: (_was: string, is: string, _drafter: string | null) => `written by the model: “${is}”`,
    open: () => "opened as a mask",
    close: () => "its mask was taken away",
    unmask: (_was: string, is: string) => `filled with “${is}”`,
    remask: (was: string) => `“${was}” was masked again`,
    draft: (_was: string, is: string, drafter: string | null) => `“${is}” ${draftedBy(drafter)}`,
    accept: () => "accepted by the model",
    reject: (was: string) => `“${was}” was rejected`,
    revise: (was: string, is: string) => `“${was}” became “${is}”`,
    backspace: (was: string) => `“${was}” was taken back`,
    none: () => "",
  },
};
const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** What one step did, below its pane: parts of a sentence, joined by commas. */
export const stepWords = {
  begins: "has read nothing yet",
  nothing: "read on, wrote nothing",
  recovering: "the device was lost; it goes on with another",
  drafted: (n: number) => `drafted ${n}`,
  kept: (n: number) => `kept ${n}`,
  keptOf: (n: number, judged: number) => `kept ${n} of ${count(judged, "draft")}`,
  unjudged: "not judged yet",
  wrote: (n: number) => `wrote ${count(n, "token")}`,
  wroteItself: (n: number) => `wrote ${n} itself`,
  opened: (n: number) => `opened ${count(n, "mask")}`,
  filledOfThem: (n: number) => `filled ${n} of them`,
  filled: (n: number) => `filled ${count(n, "mask")}`,
  changed: (n: number) => `changed ${count(n, "token")} it had written`,
  masked: (n: number) => `masked ${count(n, "token")} again`,
  settled: (n: number) => `settled ${count(n, "token")}`,
  tookBack: (n: number) => `took back ${count(n, "token")}`,
  closed: (n: number) => `closed ${count(n, "mask")}`,
  /** The whole run, when its end is shown. */
  whole: (tokens: number, passes: number) => `${count(tokens, "token")} in ${count(passes, "pass", "passes")}`,
} as const;

/** The prompt and what is set beside it. */
export const deskWords = {
  example: "Example",
  examples: {
    own: "your own",
    story: "a story",
    dialogue: "someone speaks",
    rain: "a rainy morning",
    hole: "fill the hole",
    sets: "a list in no order",
  },
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

/** The two clocks of a race. */
export const clockWords = {
  time: "Time on this device",
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

/** The timeline under the panes. */
export const timelineWords = {
  title: "Timeline of all panes",
  slider: "Moment of all panes",
  play: "Play",
  pause: "Pause",
  back: "One step back",
  forward: "One step on",
  loop: "Loop",
  speed: "Speed",
  inStep: "In step by",
  clocks: { time: "time", forwards: "forward passes" },
  speedOf: (speed: number | "fit", clock: "time" | "forwards") => {
    if (speed === "fit") return "10 s for all";
    const shown = { 0.25: "¼", 0.5: "½" }[speed] ?? String(speed);
    return clock === "time" ? `${shown} ×` : `${count(speed * 10, "pass", "passes")}/s`;
  },
  passes: (forwards: number) => count(forwards, "forward pass", "forward passes"),
  step: (step: number, last: number) => `step ${step} of ${last}`,
  ended: (at: string) => `ended at ${at}`,
};
