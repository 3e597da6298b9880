import type { Chosen } from "../vocabulary/chosen.js";
import type { DecoderInfo } from "../worker/client.js";
import { SHARED } from "./controls.js";
import { MOST_PANES } from "./default-panes.js";
import { DEVICES } from "./device-menu.js";
import type { Judge } from "./judge.js";
import { FAMILIES } from "./model-set.js";
import { readNumber } from "./number-field.js";

type Option = DecoderInfo["options"][string];

/** A number beside the prompt, or a text that is none; null: its field is empty. */
export type Front = number | string | null;

/** What a page's address says of a comparison. What isn't there is as the page has it. */
export interface Settings {
  prompt?: string;
  max_new_tokens?: Front;
  temperature?: Front;
  seed?: Front;
  /** Name of the family of models. */
  models?: string;
  /** Name of the device. */
  device?: string;
  /** Name of the model that weighs fillings. */
  energy?: string;
  /** Names of the panes' decoders, in reading order. */
  panes?: readonly string[];
  /** Options by group: `SHARED`, a pane's place from 1 on, or a decoder's name for every pane that has it. */
  chosen: Readonly<Record<string, Chosen>>;
}

const NUMBERS = ["max_new_tokens", "temperature", "seed"] as const;
const TEXTS = ["prompt", "models", "device", "energy"] as const;
const NAMES: [string, readonly string[]][] = [
  ["models", Object.keys(FAMILIES)],
  ["device", DEVICES],
  ["energy", ["target", "draft"] satisfies Judge[]],
];
const PANES = "panes";
/** Who makes an address of more faults, or of longer ones, means none of it. */
const MOST_REFUSED = 20;
const MOST_REPEATED = 200;
/** How addresses once named the decoder of the pane that fills masks. */
const METHOD = "method";

/** Longer ones are packed where that is shorter. */
const MOST_READABLE = 200;
/** What a query may hold as it is, but for its last character, which programs that find links in a text may leave out. */
const READABLE = /%(2C|2F|3A|3B|3F|40|21|28|29)(?!$)/g;

/** Query and fragment of an address for these settings: `?seed=3`, `#settings=…`, or nothing. */
export async function toAddress(settings: Settings): Promise<string> {
  const parameters = toParameters(settings);
  const readable = `${parameters}`.replace(READABLE, decodeURIComponent);
  if (readable.length < MOST_READABLE) return readable && `?${readable}`;
  const { pack } = await import("./packed-address.js");
  const packed = await pack(parameters);
  return packed.length < readable.length ? packed : `?${readable}`;
}

/** The settings as parameters: `seed=3`, `3.drafter=suffix` for the third pane. */
export function toParameters(settings: Settings): URLSearchParams {
  const parameters = new URLSearchParams();
  const set = (name: string, value: unknown) => {
    if (value === undefined) return;
    // Texts are written as they are, so that none of them is nothing; an empty field is as well.
    const isMap = value && typeof value === "object" && !Array.isArray(value);
    parameters.set(name, isMap ? JSON.stringify(value) : String(value ?? ""));
  };
  for (const name of [...TEXTS, ...NUMBERS]) set(name, settings[name]);
  if (settings.panes) set("panes", settings.panes.join(","));
  for (const [group, chosen] of Object.entries(settings.chosen)) {
    for (const [option, value] of Object.entries(chosen)) set(`${group}.${option}`, value);
  }
  return parameters;
}

/** The settings that parameters hold, and in words what they hold besides, which is left out. `decoders`: the panes' unless they say otherwise. */
export function fromParameters(
  parameters: URLSearchParams,
  infos: readonly DecoderInfo[],
  decoders: readonly string[] = [],
): { settings: Settings; refused: string[] } {
  const chosen: Record<string, Chosen> = {};
  const settings: Settings = { chosen };
  const refused: string[] = [];
  // A place's options are those of the decoder there, wherever in the address that stands.
  const asked = (parameters.get(PANES) ?? "").split(",");
  const isKnown = asked.every((decoder) => infos.some(({ name }) => name === decoder));
  const places = isKnown && asked.length <= MOST_PANES ? asked : decoders;
  for (const [name, text] of parameters) {
    try {
      const read = readParameter(name, text, infos, places);
      for (const [group, own] of Object.entries(read.chosen)) chosen[group] = { ...chosen[group], ...own };
      Object.assign(settings, read, { chosen });
    } catch (error) {
      refused.push(`${clipped(name)}=${clipped(text)}: ${(error as Error).message}`);
    }
    if (refused.length === MOST_REFUSED) break;
  }
  return { settings, refused };
}

/** As much of a text as a sentence repeats. */
const clipped = (text: string) => (text.length > MOST_REPEATED ? `${text.slice(0, MOST_REPEATED)}…` : text);

/** One parameter. Throws with what is allowed. */
function readParameter(name: string, text: string, infos: readonly DecoderInfo[], places: readonly string[]): Settings {
  const number = NUMBERS.find((one) => one === name);
  // What is no number, or too large a one, stands in its field, with the decoder's own words beside it.
  if (number) return { [number]: readNumber(text) ?? null, chosen: {} };
  if (name === "prompt") return { prompt: text, chosen: {} };
  const allowed = new Map(NAMES).get(name);
  if (allowed) return { [name]: oneOf(text, allowed), chosen: {} };
  const decoders = infos.map((info) => info.name);
  if (name === PANES) return { panes: panesOf(text, decoders), chosen: {} };
  if (name === METHOD) return { panes: withFiller(oneOf(text, fillersOf(infos)), infos, places), chosen: {} };
  const [group, option] = name.split(".");
  const decoder = group === SHARED ? infos[0]?.name : (placeOf(group, places) ?? group);
  const options = infos.find((info) => info.name === decoder)?.options;
  if (!options || !option || !Object.hasOwn(options, option)) throw new Error("there is no such setting");
  return { chosen: { [group]: { [option]: readValue(options[option], text) } } };
}

/** The decoders of one to six panes. */
function panesOf(text: string, decoders: readonly string[]): string[] {
  const panes = text.split(",").map((decoder) => oneOf(decoder, decoders));
  if (panes.length > MOST_PANES) throw new Error(`there is room for ${MOST_PANES} panes`);
  return panes;
}

/** The decoder of the place that a group names, from 1 on. */
function placeOf(group: string, places: readonly string[]): string | undefined {
  return /^[1-9]\d*$/.test(group) ? places[Number(group) - 1] : undefined;
}

function fillersOf(infos: readonly DecoderInfo[]): string[] {
  return infos.filter(({ options }) => "infill" in options).map(({ name }) => name);
}

/** The panes' decoders, with this one in place of the first that fills masks. */
function withFiller(filler: string, infos: readonly DecoderInfo[], places: readonly string[]): string[] {
  const at = places.findIndex((decoder) => fillersOf(infos).includes(decoder));
  return places.map((decoder, i) => (i === at ? filler : decoder));
}

function readValue(option: Option, text: string): unknown {
  switch (option.type) {
    case "integer":
    case "number":
      return readNumber(text);
    case "boolean":
      return oneOf(text, ["true", "false"]) === "true";
    case "enum":
      return oneOf(text, option.values);
    case "strings":
      return text === "" ? [] : text;
    case "ids":
      return text;
    case "map":
      return readJson(text);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('give JSON, as {"5": -2}');
  }
}

function oneOf(text: string, allowed: readonly string[]): string {
  if (allowed.includes(text)) return text;
  throw new Error(`there are ${allowed.join(", ")}`);
}
