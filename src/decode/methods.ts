import { secondModel } from "./companion.js";
import type { Decoder } from "./decoder.js";
import { findDecoder } from "./index.js";
import { parseOptions } from "./parse-options.js";

/** What methods are told apart by. */
export interface MethodAxes {
  /** The text has the law that one token a forward pass gives, in an order that doesn't depend on what is drawn. */
  lossless: boolean;
  /** It needs weights that were trained for it: another kind of model, a head, an adapter. */
  training: boolean;
  /** It needs a second model beside the one that writes. */
  secondModel: boolean;
  /** Tokens that were written may be taken back. */
  revises: boolean;
  /** Keys and values of what is written are kept from forward to forward. */
  cached: boolean;
  order: "left-to-right" | "block" | "any";
}

/** A recorded figure of a method: the row of a benchmark's newest recording. */
export interface MethodFigure {
  benchmark: "verifiers" | "speculation" | "diffusion";
  date: string;
  /** What was run. */
  row: string;
  tokensPerForward: number;
  /** Nats a token of the text, under the autoregressive model; null where it wasn't taken. */
  nats: number | null;
}

/** A method: a decoder with options, and what a person reads of it before choosing it. Plain data, from `methods.json` beside its code. */
export interface Method {
  id: string;
  name: string;
  /** In two sentences. */
  idea: string;
  /** Left out: it has none. */
  paper?: string;
  /** What differs here. */
  here: string;
  /** What it needs beside a model that writes as it does. */
  weights: string;
  options: Readonly<Record<string, unknown>>;
  /** Those that it can be had with, the usual one first. */
  decoders: readonly string[];
  axes: MethodAxes;
  /** Where its figure is found; left out: none is recorded. */
  bench?: { kind: MethodFigure["benchmark"]; row: string };
}

type Written = Omit<Method, "decoders" | "axes"> & {
  decoders?: readonly string[];
  axes: Omit<MethodAxes, "secondModel">;
};

const found = import.meta.glob<readonly Written[]>("./*/methods.json", { eager: true, import: "default" });

/** All methods, by their folders. */
export const methods: readonly Method[] = Object.entries(found).flatMap(([file, written]) =>
  written.map((one) => {
    const names = one.decoders ?? [file.split("/")[1]];
    const secondModel = needsSecond(findDecoder(names[0]), one.options);
    return { ...one, decoders: names, axes: { ...one.axes, secondModel } };
  }),
);

function needsSecond(decoder: Decoder, options: Method["options"]): boolean {
  return secondModel(decoder.needs(parseOptions(decoder.options, withoutTexts(decoder, options))).beside) !== undefined;
}

/** Texts of which ids are made where there is a tokenizer: which models run doesn't go by them. */
function withoutTexts(decoder: Decoder, options: Method["options"]): Method["options"] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => decoder.options[name]?.type !== "ids"));
}
