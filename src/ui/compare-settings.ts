import type { Chosen } from "../vocabulary/chosen.js";
import { AUTO } from "../vocabulary/device.js";
import type { DecoderInfo } from "../worker/client.js";
import type { Settings } from "./address.js";
import { SHARED } from "./controls.js";
import { optionsHere, setHere } from "./here.js";
import type { Pane } from "./pane.js";

/** What a comparison has, as far as an address holds it. */
export interface Compared {
  /** Its own attributes: what they say isn't in the address. */
  element: HTMLElement;
  prompt: string;
  maxNewTokens: number | string | undefined;
  temperature: number | string | undefined;
  seed: number | string | undefined;
  device: string;
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
  const { element, panes, decoders, device } = compared;
  const own = <T extends number | string>(name: string, value: T | undefined) =>
    String(value ?? "") === (element.getAttribute(name) ?? "") ? undefined : value;
  const isDefault = panes.map(({ decoder }) => decoder).join() === decoders.join();
  const chosenOf = (pane: Pane) => ({ ...setHere(pane, infos), ...compared.ownOf(pane) });
  return {
    prompt: own("prompt", compared.prompt),
    max_new_tokens: own("max-new-tokens", compared.maxNewTokens),
    temperature: own("temperature", compared.temperature),
    seed: own("seed", compared.seed),
    models: compared.family,
    device: device === (element.getAttribute("device") ?? AUTO) ? undefined : device,
    panes: isDefault ? undefined : panes.map(({ decoder }) => decoder),
    chosen: {
      [SHARED]: compared.common,
      ...Object.fromEntries(panes.map((pane, i) => [i + 1, chosenOf(pane)])),
    },
  };
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
