import { formatNumber } from "../figures.js";
import { counted } from "../../vocabulary/counted.js";

/** The choice of a method. */
export const pickerWords = {
  title: (label: string | null) => (label === null ? "Add a pane: choose its method" : `Method of ${label}`),
  search: "Search",
  filters: "Only methods that",
  axes: {
    runs: "run with these models",
    lossless: "lose nothing",
    untrained: "need no training",
    single: "need no second model",
    revises: "revise",
    cached: "keep a cache",
  },
  order: "Order",
  anyOrder: "all",
  orders: { "left-to-right": "left to right", block: "block by block", any: "any order" },
  shown: (shown: number, all: number) =>
    shown === all ? counted(all, "method") : `${shown} of ${counted(all, "method")}`,
  none: "No method is so. Take a filter back.",
  close: "Close",
  now: "is chosen",
  facts: {
    paper: "Paper",
    here: "Here",
    weights: "Needs",
    figure: "Recorded",
    cannot: "Can’t run now",
  },
  lossless: (is: boolean) => (is ? "lossless" : "approximate"),
  training: "needs training",
  secondModel: "second model",
  revises: "revises",
  cached: "cache",
  figure: (tokens: number, nats: number | null, date: string) =>
    `${counted(tokens, "token", "tokens", formatNumber(tokens))} a forward${nats === null ? "" : `, ${counted(nats, "nat", "nats", formatNumber(nats))} a token`}, by the story models (${date})`,
  remedy: "Choose another set of models, or give the address of one that can.",
};
