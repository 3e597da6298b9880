import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ref } from "lit/directives/ref.js";
import type { ChatMessage } from "../vocabulary/chat.js";
import type { WireError } from "../vocabulary/errors.js";
import { readNumber, showNumber } from "./number-field.js";

const EXAMPLES = [
  "Once upon a time, there was a little girl who lived in",
  "The fox looked at the moon and said,",
  "One rainy morning Tom found a small blue box",
  "Once upon a time, a <mask:6> and was happy.",
  "Tom has<set> a cat,<|> a big dog,<|> a red ball,<|> a box,</set> and one day",
];

/** What the desk reads and changes. */
export interface DeskHost {
  prompt: string;
  messages: readonly ChatMessage[] | undefined;
  maxNewTokens: number | string | undefined;
  temperature: number | string | undefined;
  seed: number | string | undefined;
  readonly busy: boolean;
  defaultOf(option: string): unknown;
  generate(): Promise<unknown>;
  stop(): Promise<void>;
}

function field(
  host: DeskHost,
  label: string,
  name: "maxNewTokens" | "temperature" | "seed",
  option: string,
  refusal: WireError | null,
): TemplateResult {
  const value = host[name];
  const isRefused = refusal?.message.startsWith(`${option} can't be `) ?? false;
  return html`<label class="field"><span>${label}</span>
    <input class="number" inputmode=${name === "temperature" ? "decimal" : "numeric"} autocomplete="off"
      placeholder=${String(host.defaultOf(option) ?? "")} aria-invalid=${String(isRefused)} ${ref(showNumber(value))}
      @input=${(event: Event) => {
        host[name] = readNumber((event.target as HTMLInputElement).value);
      }} /></label>`;
}

/** That the panes answer a chat in place of the prompt. */
function renderChatNote(host: DeskHost): TemplateResult {
  return html`<p class="hint">The page has set a chat, of ${host.messages?.length} messages: the panes answer it.
    <button type="button" class="quiet" @click=${() => {
      host.messages = undefined;
    }}>write on from the prompt</button></p>`;
}

/**
 * The prompt with its examples, the settings that every decoder has, and the two buttons. `extra` goes among the settings;
 * `refusal`: what these settings would end with.
 */
export function renderDesk(
  host: DeskHost,
  extra: TemplateResult | typeof nothing,
  more: TemplateResult | typeof nothing,
  refusal: WireError | null,
): TemplateResult {
  return html`<slot name="heading"></slot><form class="desk" part="controls" novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      void host.generate();
    }}>
    <label class="prompt-label" for="prompt">Prompt</label>
    <textarea id="prompt" dir="auto" rows="2" spellcheck="false" .value=${live(host.prompt)} ?disabled=${host.messages !== undefined}
      @input=${(event: Event) => {
        host.prompt = (event.target as HTMLTextAreaElement).value;
      }}></textarea>
    ${host.messages === undefined ? nothing : renderChatNote(host)}
    <div class="chips" role="group" aria-label="Examples">
      ${EXAMPLES.map(
        (example) =>
          html`<button type="button" class="chip" @click=${() => {
            host.prompt = example;
          }}>${example}</button>`,
      )}
    </div>
    <div class="settings">
      ${extra} ${field(host, "Length", "maxNewTokens", "max_new_tokens", refusal)}
      ${field(host, "Temperature", "temperature", "temperature", refusal)}
      <div class="seed">
        ${field(host, "Seed", "seed", "seed", refusal)}
        <button type="button" class="quiet" @click=${() => {
          host.seed = crypto.getRandomValues(new Uint16Array(1))[0];
        }}>new seed</button>
      </div>
      <div class="act">
        <button type="submit" class="go" ?disabled=${host.busy} aria-keyshortcuts="Control+Enter Meta+Enter">Generate</button>
        <button type="button" class="halt" ?disabled=${!host.busy} aria-keyshortcuts="Escape"
          @click=${() => host.stop()}>Stop</button>
        <slot name="actions"></slot>
      </div>
    </div>
    <p class="hint"><kbd>Ctrl</kbd> or <kbd>⌘</kbd> + <kbd>Enter</kbd> generates, <kbd>Esc</kbd> stops.</p>
    <p class="calm refusal" role="status">${refusal?.message ?? ""}</p>
    ${more}
  </form>`;
}
