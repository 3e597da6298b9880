import { html, type nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ref } from "lit/directives/ref.js";
import { readNumber, showNumber } from "./controls.js";

const EXAMPLES = [
  "Once upon a time, there was a little girl who lived in",
  "The fox looked at the moon and said,",
  "One rainy morning Tom found a small blue box",
  "Once upon a time, a <mask:6> and was happy.",
];

/** What the desk reads and changes. */
export interface DeskHost {
  prompt: string;
  maxNewTokens: number | undefined;
  temperature: number | undefined;
  seed: number | undefined;
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
  step: string,
): TemplateResult {
  const value = host[name];
  return html`<label class="field"><span>${label}</span>
    <input type="number" min="0" step=${step} placeholder=${String(host.defaultOf(option) ?? "")}
      ${ref(showNumber(value))}
      @input=${(event: Event) => {
        host[name] = readNumber(event.target as HTMLInputElement);
      }} /></label>`;
}

/** The prompt with its examples, the settings that every decoder has, and the two buttons. `extra` goes among the settings. */
export function renderDesk(
  host: DeskHost,
  extra: TemplateResult | typeof nothing,
  more: TemplateResult | typeof nothing,
): TemplateResult {
  return html`<form class="desk" part="controls" novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      void host.generate();
    }}>
    <label class="prompt-label" for="prompt">Prompt</label>
    <textarea id="prompt" dir="auto" rows="2" spellcheck="false" .value=${live(host.prompt)}
      @input=${(event: Event) => {
        host.prompt = (event.target as HTMLTextAreaElement).value;
      }}></textarea>
    <div class="chips" role="group" aria-label="Examples">
      ${EXAMPLES.map(
        (example) =>
          html`<button type="button" class="chip" @click=${() => {
            host.prompt = example;
          }}>${example}</button>`,
      )}
    </div>
    <div class="settings">
      ${extra} ${field(host, "Length", "maxNewTokens", "max_new_tokens", "1")}
      ${field(host, "Temperature", "temperature", "temperature", "0.1")}
      <div class="seed">
        ${field(host, "Seed", "seed", "seed", "1")}
        <button type="button" class="quiet" @click=${() => {
          host.seed = crypto.getRandomValues(new Uint16Array(1))[0];
        }}>new seed</button>
      </div>
      <div class="act">
        <button type="submit" class="go" ?disabled=${host.busy} aria-keyshortcuts="Control+Enter Meta+Enter">Generate</button>
        <button type="button" class="halt" ?disabled=${!host.busy} aria-keyshortcuts="Escape"
          @click=${() => host.stop()}>Stop</button>
      </div>
    </div>
    ${more}
  </form>`;
}
