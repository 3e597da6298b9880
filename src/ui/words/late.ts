// What stands on screen in parts that are loaded later: a page that never opens them doesn't fetch it. All else is in first.ts.
import { counted } from "../../vocabulary/counted.js";
import type { Role } from "../../vocabulary/events.js";
import { formatBytes, formatMs, formatNumber } from "../figures.js";

const where = (isHere: boolean) => (isHere ? "on this device" : "where it was recorded");
const ROLES: Record<Role, string> = {
  drafter: "its drafter",
  judge: "its judge",
  guide: "its guide",
  joint: "its joint sampler",
};

/** The sentence under the panes. */
export const summaryWords = {
  none: "No pane wrote anything.",
  inPane: (label: string, place: number) => `${label} in pane ${place}`,
  passes: (forwards: number) => counted(forwards, "forward pass", "forward passes"),
  passesBeside: (forwards: number, others: number) =>
    forwards === others
      ? `${counted(forwards, "forward pass", "forward passes")} as well`
      : `${counted(forwards, "forward pass", "forward passes")} instead of ${others}`,
  besides: (parts: readonly string[]) => ` (and ${parts.join(", ")})`,
  ofRole: (role: Role, forwards: number) => `${forwards} of ${ROLES[role]}`,
  same: (name: string, other: string, tokens: number, passes: string) =>
    `${name} wrote the same ${counted(tokens, "token")} as ${other} with ${passes}`,
  longer: (ratio: number, isHere: boolean) => `, and took ${formatNumber(ratio, 2)} times as long ${where(isHere)}`,
  faster: (ratio: number, isHere: boolean) => `, and was ${formatNumber(ratio, 2)} times as fast ${where(isHere)}`,
  asLong: (isHere: boolean) => `, and took about as long ${where(isHere)}`,
  wrote: (name: string, tokens: number, passes: string, isOther: boolean) =>
    `${name} wrote ${isOther ? "another text of " : ""}${counted(tokens, "token")} with ${passes}`,
  took: (ownMs: number, isHere: boolean) => ` in ${formatMs(ownMs)} ${where(isHere)}`,
  nothing: (name: string) => `${name} wrote nothing`,
  stopped: (name: string, tokens: number, passes: string) =>
    `${name} was stopped after ${counted(tokens, "token")} and ${passes}`,
  stoppedEarly: (name: string) => `${name} was stopped before it wrote`,
  ended: (name: string, words: string) => `${name}: ${words}`,
};

/** The row in which a part of the prompt is written anew. */
export const editWords = {
  title: "Edit this text",
  how: "Mark words of the prompt (on a keyboard with Shift and the arrow keys): a model that fills masks writes them anew, to fit what stands before and behind.",
  kept: "Only the words between are written: what stands before and behind is read, and stays token for token. How many tokens are new was set beforehand; no model chose it.",
  length: "New tokens",
  auto: "as many",
  rewrite: "Rewrite marked words",
  again: "Rewrite with the next seed",
  back: "Back to the text",
  take: "Take this text",
  takeOf: (label: string) => `Take this text of ${label}`,
  nothing: "No words are marked: mark some in the prompt.",
  was: " instead of:",
  is: "; now:",
  end: "; ",
};

/** The charts under the panes. */
export const chartWords = {
  charts: "Charts",
  list: (clauses: readonly string[]) => `${clauses.join("; ")}.`,
  colon: (label: string, value: string) => `${label}: ${value}`,
  table: "Table",
  tableOf: (title: string) => `${title}, table`,
  png: "PNG",
  csv: "CSV",
  saveAs: (title: string, kind: string) => `Save “${title}” as ${kind}`,
  tableFor: (title: string) => `Show “${title}” as a table`,
  firstRows: (shown: number, all: number) => `The first ${shown} of ${all} rows; the CSV has all.`,
  over: "Over",
  time: "time",
  passes: "forward passes",

  noRun: "Nothing has been written yet.",
  pane: "pane",

  tokensTitle: "Tokens over time",
  tokensAxis: "tokens",
  ownMs: "ms on the device",
  forwards: "forward passes",
  inMs: (ownMs: number) => `in ${formatMs(ownMs)}`,
  inPasses: (forwards: number) => `in ${counted(forwards, "forward pass", "forward passes")}`,
  tokens: (label: string, tokens: number, within: string) => `${label}: ${counted(tokens, "token")} ${within}`,

  commitsTitle: "Commits per step",
  step: "step",
  commitsAxis: "tokens committed",
  commits: (label: string, most: number, steps: number) =>
    `${label}: at most ${most} a step, in ${counted(steps, "step")}`,

  acceptedTitle: "Accepted lengths",
  noDrafts: "No pane has drafted anything.",
  acceptedDrafts: "drafts accepted in a round",
  rounds: "rounds",
  accepted: (label: string, accepted: number, rounds: number) =>
    `${label}: ${counted(accepted, "draft")} accepted in ${counted(rounds, "round")}, ${formatNumber(accepted / rounds)} in each`,

  depthTitle: "Acceptance by depth",
  depth: "depth",
  acceptedPercent: "accepted, % of rounds",
  firstDraft: (label: string, accepted: number, tried: number) =>
    `${label}: a first draft was accepted in ${accepted} of ${counted(tried, "round")}`,

  rowsTitle: "Rows kept and rejected",
  rowsAxis: "rows of the main model",
  kept: "kept tokens",
  rejected: "rejected drafts",
  otherRows: "prompt, open masks, text read again",
  keptRows: (label: string, kept: number, rows: number) =>
    `${label}: ${kept} of ${counted(rows, "row")} are tokens of the text`,

  surpriseTitle: "Surprise over the text",
  noSurprise: "No pane tells how likely its tokens were.",
  place: "token of the text",
  nats: "−log p, nats",
  surprise: (label: string, mean: number, known: number, all: number) =>
    `${label}: ${mean.toFixed(2)} nats a token${known < all ? `, known of ${known} of ${all}` : ""}`,

  entropyTitle: "Entropy over the text",
  noEntropy:
    "Not asked for yet. Each place takes a forward pass of the model that wrote it, once no run needs the device.",
  askEntropy: "Ask for the entropy of every place",
  stopAsking: "Stop asking",
  placesDone: (done: number, total: number) => `${done} of ${counted(total, "place")}`,
  entropyAxis: "entropy, nats",
  entropy: (label: string, mean: number, known: number, all: number) =>
    `${label}: ${mean.toFixed(2)} nats in the mean${known < all ? `, known of ${known} of ${all}` : ""}`,

  costsTitle: "Cost of a forward, v(M)",
  noCosts: "Not measured: press Measure in the part “This device”.",
  rowsOfForward: "rows of a forward, M",
  costAxis: "forwards of one row",
  measured: "one forward",
  apart: "M forwards of one row",
  guessed: "guessed",
  costs: (forwardMs: number, rows: number, cost: number) =>
    `A forward of one row takes ${formatNumber(forwardMs)} ms; one of ${rows} rows costs as much as ${formatNumber(cost)} of these.`,

  costsDrawn: "The part “Charts” draws the costs of all numbers of rows.",

  kernelsTitle: "Time per kernel",
  noKernels: "Not measured: press Measure in the part “This device”.",
  noTimestamps: "This GPU adapter has no timestamps, so kernels can’t be timed one by one.",
  noOwnKernels: "This model runs on ONNX Runtime, whose kernels can’t be timed one by one. On webgpu they can.",
  kernel: "kernel",
  kernelMs: "ms in one forward pass",
  gpuTime: "time on the GPU",
  kernels: (model: string, kernels: number, dispatches: number, gpuMs: number, longest: string, share: number) =>
    `A forward pass of ${model} is ${counted(dispatches, "dispatch", "dispatches")} of ${counted(kernels, "kernel")}, together ${formatNumber(gpuMs)} ms timed one by one; ${longest} takes ${Math.round(100 * share)} % of it.`,

  memoryTitle: "Memory by class",
  noModels: "No model is loaded.",
  model: "model",
  bytesAxis: "bytes",
  weights: "weights",
  kv: "keys and values",
  scratch: "scratch",
  memory: (name: string, held: number, staging: number) =>
    `${name}: ${formatBytes(held)}${staging > 0 ? `, and ${formatBytes(staging)} more while it loads` : ""}`,
};

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
  token: (text: string) => `Token “${text}”`,
  mask: "mask",
  close: "Close",
  id: "Token id",
  probability: "Probability",
  less: (share: string) => `< ${share}`,
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
    return clock === "time" ? `${shown} ×` : `${counted(speed * 10, "pass", "passes")}/s`;
  },
  passes: (forwards: number) => counted(forwards, "forward pass", "forward passes"),
  step: (step: number, last: number) => `step ${step} of ${last}`,
  ended: (at: string) => `ended at ${at}`,
};

/** What the device does until the first token, and what it can. */
export const deviceWords = {
  noLimits:
    "Copying, multiply-adds, dispatches, submits and readbacks are measured on webgpu alone. What forwards cost is measured on every device.",
  firstToken: "Until the first token",
  oneSubmit: "prompt and first token are one submit",
  device: "device",
  prefill: "prefill, first token",
  copy: "copy",
  copyUnit: "GB/s, read plus written",
  multiplyAdds: "multiply-adds",
  multiplyAddsUnit: "billion/s in f32",
  dispatch: "dispatch",
  submit: "submit",
  readback: "readback",
};

/** Below a pane whose decoder reads sets. */
export const orderWords = {
  shuffle: "shuffle",
  shuffles: "Puts the segments of the prompt's sets in another order and writes again",
  writeSet: "Write a set in the prompt: <set>one<|>another</set>",
  comparing: "comparing the two orders",
  apart: "the last two orders are apart by: set-based",
  ordinary: ", ordinary",
  nats: "nats",
};

/** How the drafts of a run fared. */
export const roundWords = {
  title: (of: string | undefined) => `Rounds${of === undefined ? "" : `, ${of}`}`,
  drafted: (rounds: number) => `${rounds} with drafts`,
  accepted: (drafted: string, each: string) => `${drafted}, ${each} accepted in each`,
  noneAsked: (drafted: string) => `${drafted}: none were asked for`,
  plainFaster: (drafted: string) => `${drafted}: by the measured costs plain steps are faster here`,
  noneFound: (drafted: string) => `${drafted}: the drafter found none`,
  latest: "Latest round",
  shares: "Accepted drafts",
  sharesNote: (recovered: number, bonus: number) =>
    `by rounds; their own tokens: ${recovered} recovered, ${bonus} bonus`,
  acceptedHead: "accepted",
  shareHead: "share",
  roundsHead: "rounds",
  byDepth: "Acceptance by depth",
  byDepthNote: "of rounds that got there",
  depthHead: "depth",
  of: (accepted: number, tried: number) => `${accepted} of ${tried}`,
  measured: "by autoregressive, measured",
  measuredDoc: "Own time of a token of plain decoding, by this run's",
  predicted: "predicted from counts",
  predictedDoc: "From the counts of these rounds and the measured costs of a forward by its rows and of a wait",
  parts: "drafting / verifying",
  partsDoc: "By the same costs; taking rejected drafts back costs a word written on the GPU",
  needsCosts: (hint: string) => `The prediction needs measured costs: ${hint}.`,
};
