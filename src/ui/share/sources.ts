import { AUTO } from "../../vocabulary/device.js";
import type { ChatMessage } from "../../vocabulary/chat.js";
import type { DecoderInfo } from "../../worker/client.js";
import type { Settings } from "../address.js";
import { type Compared, settingsOf } from "../compare-settings.js";
import { COMPARED } from "../default-panes.js";
import type { Pane } from "../pane.js";

/** What is shared of a comparison, as the element has it. */
export interface Shared {
  element: {
    messages: readonly ChatMessage[] | undefined;
    options: Record<string, unknown>;
    models: string | undefined;
    target: string | undefined;
    draft: string | undefined;
    diffusion: string | undefined;
    /** What is shown was written elsewhere. */
    playback: { trace: { date: string; adapter: string } } | null;
  };
  compared: Compared;
  infos: readonly DecoderInfo[];
}

/** What is written of it. */
export interface ShareSources {
  panes: readonly Pane[];
  /** The chat that they answer in place of a prompt. */
  messages: readonly ChatMessage[] | undefined;
  settings: Settings;
  /** What an element of the same says in attributes, and what holds for every pane beside them. */
  attributes: Readonly<Record<string, string | number | undefined>>;
  options: object;
  /** Where and when what is shown was written, if that was elsewhere. */
  recorded: { date: string; adapter: string } | null;
}

/** A comparison's own words of all that is shared of it. */
export function sourcesOf({ element, compared, infos }: Shared): ShareSources {
  const { target, draft, diffusion, models, messages } = element;
  const recorded = element.playback?.trace ?? null;
  const { panes, common } = compared;
  const { prompt, maxNewTokens, temperature, seed, device } = compared.element;
  const absolute = (url: string | undefined) => (url ? new URL(url, document.baseURI).href : undefined);
  const own = { target: absolute(target), draft: absolute(draft), diffusion: absolute(diffusion) };
  const isOwn = Object.values(own).some(Boolean);
  const decoders = panes.map((pane) => pane.decoder).join();
  const attributes = {
    ...(isOwn ? own : { models: absolute(models) }),
    prompt,
    decoders: decoders === COMPARED.map(({ decoder }) => decoder).join() ? undefined : decoders,
    ...{ "max-new-tokens": maxNewTokens, temperature, seed },
    device: device === AUTO ? undefined : device,
  };
  const options = { ...element.options, ...common };
  return { panes, messages, settings: settingsOf(compared, infos), attributes, options, recorded };
}
