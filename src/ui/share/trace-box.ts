import { html, nothing, type TemplateResult } from "lit";
import { shareWords } from "../words/share.js";
import { fromLink, toLink } from "../trace/link.js";
import { readTrace } from "../trace/read-trace.js";
import { LIMITS, type Trace, TraceError } from "../trace/trace.js";
import { writeTrace } from "../trace/write-trace.js";
import { ReplayElement } from "../trace-player/replay-element.js";

/** Its style sheet. */
export { shareStyle } from "./share-style.js";

if (!customElements.get("triptych-replay")) customElements.define("triptych-replay", ReplayElement);

/** Traces of a page: saves and links the one that it has, and plays one that comes from elsewhere. */
export class TraceBox {
  private said = "";
  private opened: Trace | null = null;
  private refusal: string | null = null;

  /** `requestUpdate` draws what `render…` give. */
  constructor(private readonly requestUpdate: () => void) {}

  /** Shows the trace of a file. */
  async open(file: Blob): Promise<void> {
    await this.take(async () => {
      if (file.size > LIMITS.bytes) throw new TraceError("trace_too_large", shareWords.tooLarge(file.size));
      return readTrace(new Uint8Array(await file.arrayBuffer()));
    });
  }

  /** Shows the trace of a link. */
  async openLink(link: string): Promise<void> {
    await this.take(() => fromLink(link));
  }

  /** Says a sentence below the controls. */
  say(sentence: string): void {
    this.said = sentence;
    this.requestUpdate();
  }

  /** Copies a text; null is one that this chat has none of. */
  async copy(text: string | null, done: string): Promise<void> {
    try {
      if (text !== null) await navigator.clipboard.writeText(text);
      this.say(text === null ? shareWords.noChat : done);
    } catch {
      this.say(shareWords.notCopied);
    }
  }

  /** Save, link and open; without a `trace` there is nothing to save. `address`: the page that a link leads to. */
  renderKeys(trace: (() => Trace) | null, address: () => string | Promise<string>): TemplateResult {
    const words = shareWords;
    return html`<div class="row" role="group" aria-label=${words.trace}>
      <button type="button" ?disabled=${!trace} @click=${() => trace && save(trace())}>${words.save}</button>
      <button type="button" ?disabled=${!trace} @click=${() => trace && this.link(trace(), address)}>${words.linkWithTrace}</button>
      <label class="file">${words.open} <input type="file" accept=".json,application/json" @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        const [file] = input.files ?? [];
        if (file) void this.open(file);
        input.value = "";
      }} /></label>
    </div>`;
  }

  /** What was said last, and the trace that was opened, or why it can't be played. */
  renderOpened(): TemplateResult {
    return html`<p role="status" class="said">${this.said}</p>
      ${this.refusal === null ? nothing : html`<div class="error" role="alert"><strong>${shareWords.refused}</strong><p>${this.refusal}</p></div>`}
      ${this.opened ? html`<triptych-replay .trace=${this.opened} autoplay></triptych-replay>` : nothing}`;
  }

  private async take(read: () => Promise<Trace>): Promise<void> {
    this.opened = null;
    this.refusal = null;
    try {
      this.opened = await read();
      this.said = shareWords.opened(this.opened.date.slice(0, 10), this.opened.adapter);
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
    this.requestUpdate();
  }

  private async link(trace: Trace, address: () => string | Promise<string>): Promise<void> {
    const [link, page] = await Promise.all([toLink(trace), address()]);
    if (link === null) return this.say(shareWords.tooLong);
    // Settings may stand in the fragment before it.
    const whole = `${page}${page.includes("#") ? "&" : "#"}trace=${link}`;
    await this.copy(whole, shareWords.copied(shareWords.linkWithTrace));
  }
}

function save(trace: Trace): void {
  const url = URL.createObjectURL(new Blob([writeTrace(trace)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "triptych-trace.json";
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
