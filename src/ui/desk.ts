import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ref } from "lit/directives/ref.js";
import type { ChatMessage } from "../vocabulary/chat.js";
import type { WireError } from "../vocabulary/errors.js";
import { readNumber, showNumber } from "./number-field.js";
import { deskWords } from "./words/first.js";

/** Prompts to begin with, by what they show. */
const EXAMPLES: Readonly<Record<string, string>> = {
  [deskWords.examples.story]: "Once upon a time, there was a little girl who lived in",
  [deskWords.examples.dialogue]: "The fox looked at the moon and said,",
  [deskWords.examples.rain]: "One rainy morning Tom found a small blue box",
  [deskWords.examples.hole]: "Once upon a time, a <mask:6> and was happy.",
  [deskWords.examples.edit]: "Once upon a time, Tom lived in a big castle. He was very sad.",
  [deskWords.examples.sets]: "Tom has<set> a cat,<|> a big dog,<|> a red ball,<|> a box,</set> and one day",
};

/** What the desk reads and changes. */
export interface DeskHost {
  prompt: string;
  messages: readonly ChatMessage[] | undefined;
  maxNewTokens: number | string | undefined;
  temperature: number | string | undefined;
  seed: number | string | undefined;
  readonly busy: boolean;
  /** Whether parts of the prompt are to be written anew. */
  isEditing: boolean;
  defaultOf(option: string): unknown;
  generate(): Promise<unknown>;
  stop(): Promise<void>;
  /** The row by which that is done. */
  renderEdit(): TemplateResult | typeof nothing;
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
  return html`<p class="hint">${deskWords.chat(host.messages?.length ?? 0)}
    <button type="button" class="quiet" @click=${() => {
      host.messages = undefined;
    }}>${deskWords.writeOn}</button></p>`;
}

/** A menu that puts an example in the prompt's place. */
function renderExamples(host: DeskHost): TemplateResult {
  return html`<label class="field"><span>${deskWords.example}</span>
    <select name="example" .value=${live(nameOf(host.prompt))} @change=${(event: Event) => {
      const { value } = event.target as HTMLSelectElement;
      host.messages = undefined;
      host.prompt = EXAMPLES[value] ?? host.prompt;
      host.isEditing = value === deskWords.examples.edit;
    }}>
      <option value="" hidden>${deskWords.examples.own}</option>
      ${Object.keys(EXAMPLES).map((name) => html`<option value=${name} ?selected=${name === nameOf(host.prompt)}>${name}</option>`)}
    </select></label>`;
}

/** The name of the example that a prompt is; empty for one of a person's own. */
function nameOf(prompt: string): string {
  return Object.entries(EXAMPLES).find(([, example]) => example === prompt)?.[0] ?? "";
}

/**
 * The prompt with the two buttons, and the settings that every decoder has, examples among them. `extra` goes among the settings;
 * `more` below; `refusal`: what these settings would end with.
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
    <div class="ask">
      <label class="prompt-label" for="prompt">${deskWords.prompt}</label>
      <textarea id="prompt" dir="auto" rows="1" spellcheck="false" .value=${live(host.prompt)} ?disabled=${host.messages !== undefined}
        @input=${(event: Event) => {
          host.prompt = (event.target as HTMLTextAreaElement).value;
        }}></textarea>
      <div class="act">
        <button type="submit" class="go" ?disabled=${host.busy} title=${deskWords.keyOfGenerate} aria-keyshortcuts="Control+Enter Meta+Enter">${deskWords.generate}</button>
        <button type="button" class="halt" ?disabled=${!host.busy} title=${deskWords.keyOfStop} aria-keyshortcuts="Escape"
          @click=${() => host.stop()}>${deskWords.stop}</button>
        <slot name="actions"></slot>
      </div>
    </div>
    ${host.messages === undefined ? nothing : renderChatNote(host)}
    ${host.isEditing && host.messages === undefined ? host.renderEdit() : nothing}
    <div class="settings">
      ${renderExamples(host)}
      ${field(host, deskWords.length, "maxNewTokens", "max_new_tokens", refusal)}
      ${field(host, deskWords.temperature, "temperature", "temperature", refusal)}
      <div class="seed">
        ${field(host, deskWords.seed, "seed", "seed", refusal)}
        <button type="button" class="quiet" @click=${() => {
          host.seed = crypto.getRandomValues(new Uint16Array(1))[0];
        }}>${deskWords.newSeed}</button>
      </div>
      ${extra}
      <p class="hint"><span><kbd>${deskWords.keys.control}</kbd> ${deskWords.or} <kbd>⌘</kbd> + <kbd>${deskWords.keys.enter}</kbd> ${deskWords.generates}</span> <span><kbd>${deskWords.keys.escape}</kbd> ${deskWords.stops}</span></p>
    </div>
    <p class="calm refusal" role="status">${refusal?.message ?? ""}</p>
    ${more}
  </form>`;
}
