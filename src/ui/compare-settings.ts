import type { Chosen } from "../vocabulary/chosen.js";
import { AUTO } from "../vocabulary/device.js";
import type { DecoderInfo } from "../worker/client.js";
import type { Settings } from "./address.js";
import { SHARED } from "./controls.js";
import { BY_COSTS } from "./default-panes.js";
import { optionsHere, setHere } from "./here.js";
import type { Pane } from "./pane.js";

/** The properties of an element that an address holds. */
interface Properties {
  readonly prompt: string;
  readonly maxNewTokens: number | string | undefined;
  readonly temperature: number | string | undefined;
  readonly seed: number | string | undefined;
  readonly device: string;
  readonly energy: string;
}

/** What a comparison has, as far as an address holds it. */
export interface Compared {
  /** With its own attributes: what they say isn't in the address. */
  element: HTMLElement & Properties & { readonly options: Readonly<Record<string, unknown>> };
  /** Name of the family of models; undefined: the usual one, or other addresses. */
  family: string | undefined;
  panes: readonly Pane[];
  /** The decoders that it begins with. */
  decoders: readonly string[];
  /** Set for every pane. */
  common: Chosen;
  /** Set for a pane by a person, of what only its decoder takes. */
  ownOf(pane: Pane): Chosen;
}

/** What differs from the element's own attributes. */
export function settingsOf(compared: Compared, infos: readonly DecoderInfo[]): Settings {
  const { element, panes, decoders } = compared;
  const own = <T extends number | string>(name: string, value: T | undefined) =>
    String(value ?? "") === (element.getAttribute(name) ?? "") ? undefined : (value ?? null);
  const isDefault = panes.map(({ decoder }) => decoder).join() === decoders.join();
  const chosenOf = (pane: Pane) => ({ ...setHere(pane, infos), ...needed(pane, compared, infos) });
  return {
    prompt: own("prompt", element.prompt) ?? undefined,
    max_new_tokens: own("max-new-tokens", element.maxNewTokens),
    temperature: own("temperature", element.temperature),
    seed: own("seed", element.seed),
    models: compared.family,
    device: element.device === (element.getAttribute("device") ?? AUTO) ? undefined : element.device,
    energy: element.energy === (element.getAttribute("energy") ?? "target") ? undefined : element.energy,
    panes: isDefault ? undefined : panes.map(({ decoder }) => decoder),
    chosen: {
      [SHARED]: compared.common,
      ...Object.fromEntries(panes.map((pane, i) => [i + 1, chosenOf(pane)])),
    },
  };
}

/**
 * What is set for a pane's decoder, less what is its default anyway. What others have as well is kept, since without it the page's value or the
 * model's holds.
 */
function needed(pane: Pane, { element, ownOf }: Compared, infos: readonly DecoderInfo[]): Chosen {
  const chosen = ownOf(pane);
  const { options = {} } = infos.find(({ name }) => name === pane.decoder) ?? {};
  // Whose options the page's script gives may have another default by them.
  const isPlain = Object.keys(element.options).length === 0;
  const isDefault = ([name, value]: [string, unknown]) =>
    isPlain && value !== null && value === options[name]?.default && options[name].ownMeaning === undefined;
  const left = Object.entries(chosen).filter((one) => !isDefault(one));
  // That something is set there says that it doesn't go by costs.
  return left.length === 0 && pane.decoder === BY_COSTS.decoder ? chosen : Object.fromEntries(left);
}

/** The element's properties as an address has them; what it doesn't name stays. */
export function withSettings(element: Properties, settings: Omit<Settings, "chosen" | "panes">) {
  const { prompt = element.prompt, device = element.device, energy = element.energy } = settings;
  const { max_new_tokens = element.maxNewTokens, temperature = element.temperature, seed = element.seed } = settings;
  const numbers = { maxNewTokens: max_new_tokens, temperature, seed };
  // An empty field leaves the number to the decoder.
  const given = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, number ?? undefined]));
  return { prompt, device, energy, ...(settings.models && { family: settings.models }), ...given };
}

/** Sets in panes what an address says of each of them. */
export function takeIntoPanes(panes: readonly Pane[], chosen: Settings["chosen"], infos: readonly DecoderInfo[]): void {
  for (const [i, pane] of panes.entries()) {
    // Addresses once held options by decoder, for every pane that has it.
    for (const { name } of infos) replace(pane, name, chosen[name]);
    const mine = Object.entries(chosen[i + 1] ?? {});
    const here = new Set(optionsHere(infos, pane.decoder).map(([name]) => name));
    replace(pane, SHARED, Object.fromEntries(mine.filter(([name]) => here.has(name))));
    replace(pane, pane.decoder, Object.fromEntries(mine.filter(([name]) => !here.has(name))));
  }
}

function replace(pane: Pane, group: string, chosen: Chosen = {}): void {
  if (Object.keys(chosen).length > 0) pane.choose(group, chosen);
}

/** Names as an attribute holds them, with commas between. */
export const readNames = (text: string | null) => (text ?? "").split(",").flatMap((name) => name.trim() || []);
