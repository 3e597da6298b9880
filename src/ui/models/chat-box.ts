import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ref } from "lit/directives/ref.js";
import type { Chosen } from "../../vocabulary/chosen.js";
import { toWire, type WireError } from "../../vocabulary/errors.js";
import type { DoneEvent } from "../../vocabulary/events.js";
import type { DecoderInfo } from "../../worker/client.js";
import type { Conversation, LanguageModel } from "../../worker/language-model.js";
import type { DecoderName } from "../../worker/model-options.js";
import { renderOptions } from "../controls.js";
import { renderError } from "../error-note.js";
import type { Answerer } from "./answerer.js";
import { chatWords, modelsWords } from "../words/models.js";

/** A conversation with a loaded model: what was said, and where the next turn is written. */
export class ChatBox {
  private chat: Promise<Conversation> | null = null;
  private said: readonly { role: string; text: string }[] = [];
  private draft = "";
  private system = "";
  private error: WireError | null = null;
  private last: DoneEvent | null = null;
  private answering: AbortController | null = null;
  /** Options that a person has set. */
  private chosen: Chosen = {};

  constructor(
    private readonly model: LanguageModel,
    private readonly answerer: Answerer,
    private readonly update: () => void,
  ) {}

  /** Ends the answer that is on its way. */
  stop(): void {
    this.answering?.abort();
  }

  private async send(): Promise<void> {
    const text = this.draft.trim();
    if (text === "" || this.answering) return;
    this.answering = new AbortController();
    const { signal } = this.answering;
    const before = this.said;
    this.error = null;
    this.draft = "";
    this.show([...before, { role: "you", text }]);
    try {
      this.chat ??= this.model.chat({ system: this.system.trim() || undefined });
      const { decoder } = this.answerer;
      const options = { max_new_tokens: this.defaultOf("max_new_tokens"), ...this.chosen };
      const answer = (await this.chat).send<DecoderName>(text, { ...options, decoder, signal });
      for await (const event of answer) {
        this.show([...before, { role: "you", text }, { role: this.model.name, text: event.text }]);
        if (event.type === "done") this.last = event;
      }
      // A turn that was ended before there was any text wasn't spoken.
      if (signal.aborted && this.last?.text === "") this.takeBack(before, text);
    } catch (error) {
      this.error = toWire(error);
      this.takeBack(before, text);
    } finally {
      this.answering = null;
      this.update();
    }
  }

  private defaultOf(option: string): number | undefined {
    return this.answerer.options.find(([name]) => name === option)?.[1].default as number | undefined;
  }

  private takeBack(said: ChatBox["said"], draft: string): void {
    this.said = said;
    this.draft = draft;
  }

  private show(said: ChatBox["said"]): void {
    this.said = said;
    this.update();
  }

  private forget(): void {
    this.stop();
    this.chat = null;
    this.last = null;
    this.error = null;
    this.show([]);
  }

  /** What was said, the field for the next turn, and its buttons. */
  render(): TemplateResult {
    const isBusy = this.answering !== null;
    const { metrics } = this.last ?? {};
    return html`<section class="chat" aria-label=${chatWords.title}>
      <h3>${chatWords.title}</h3>
      ${
        this.said.length === 0
          ? html`<label class="field"><span>${chatWords.system}</span>
              <input .value=${live(this.system)} @input=${(event: Event) => {
                this.system = (event.target as HTMLInputElement).value;
              }} /></label>`
          : html`<div class="talk" role="log" aria-label=${chatWords.said} tabindex="0" ${ref(toEnd())}>
              ${this.said.map(({ role, text }) => html`<p dir="auto"><span class="who">${role}</span>${text}</p>`)}
            </div>`
      }
      ${renderOptions({
        title: modelsWords.sampling,
        options: [...this.answerer.options] as [string, DecoderInfo["options"][string]][],
        chosen: this.chosen,
        offers: null,
        of: modelsWords.ofChat,
        onChange: (chosen) => {
          this.chosen = chosen;
          this.update();
        },
      })}
      ${this.error ? renderError(this.error) : nothing}
      <form @submit=${(event: Event) => {
        event.preventDefault();
        void this.send();
      }}>
        <label class="unseen" for="turn">${chatWords.message}</label>
        <textarea id="turn" dir="auto" rows="1" placeholder=${chatWords.say} .value=${live(this.draft)}
          @input=${(event: Event) => {
            this.draft = (event.target as HTMLTextAreaElement).value;
          }}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === "Escape") this.stop();
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void this.send();
          }}></textarea>
        <div class="row">
          <button type="submit" class="go" ?disabled=${isBusy}>${chatWords.send}</button>
          <button type="button" class="halt" ?disabled=${!isBusy} @click=${() => this.stop()}>${chatWords.stop}</button>
          <button type="button" class="quiet" ?disabled=${this.said.length === 0} @click=${() => this.forget()}>${chatWords.renew}</button>
          <span class="note" role="status">${metrics && !isBusy ? chatWords.figures(metrics) : ""}</span>
        </div>
      </form>
    </section>`;
  }
}

/** Shows a log's end once it is drawn: a function of its own for each drawing, so that lit calls it. */
function toEnd(): (log: Element | undefined) => void {
  return (log) =>
    queueMicrotask(() => {
      if (log) log.scrollTop = log.scrollHeight;
    });
}
