import { html, nothing, type TemplateResult } from "lit";
import { type Settings, toParameters } from "../address.js";
import { shareWords } from "../share-words.js";
import type { Pane } from "../pane.js";
import { fromLink, toLink } from "../trace/link.js";
import { readTrace } from "../trace/read-trace.js";
import { LIMITS, type Trace, TraceError } from "../trace/trace.js";
import { writeTrace } from "../trace/write-trace.js";
import { ReplayElement } from "../trace-player/replay-element.js";
import { commandLine, type CopiedRun, elementCode, libraryCode } from "./code.js";
import { History, type HistoryHost } from "./history.js";
import { askedOf, settingsIn, traceIn, whereOf } from "./race-trace.js";
import { reportOf } from "./report.js";
import { type Shared, type ShareSources, sourcesOf } from "./sources.js";

/** Its style sheet. */
export { shareStyle as style } from "./share-style.js";

if (!customElements.get("triptych-replay")) customElements.define("triptych-replay", ReplayElement);

/** The part that carries a race away, and shows one that comes from elsewhere. */
export class Share {
  private said = "";
  private opened: Trace | null = null;
  private refusal: string | null = null;
  private place = 0;
  private readonly history: History;

  constructor(private readonly host: Pick<HistoryHost, "isConnected" | "requestUpdate">) {
    this.history = new History({
      get isConnected() {
        return host.isConnected;
      },
      requestUpdate: () => host.requestUpdate(),
      open: (trace) => this.open(trace),
      say: (sentence) => this.say(sentence),
    });
  }

  /** Lets go of what it listens to; drawn again it listens again. */
  close(): void {
    this.history.close();
  }

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

  /** The controls, and the trace that was opened. */
  render(shared: Shared): TemplateResult {
    const words = shareWords;
    const sources = sourcesOf(shared);
    const written = sources.panes.filter(({ events, isBusy }) => events.length > 0 && !isBusy);
    const pane = sources.panes[this.place] ?? sources.panes[0];
    const run = pane && runOf(pane, sources.messages);
    const isNone = written.length === 0 || sources.panes.some(({ isBusy }) => isBusy);
    const copy = (text: string | null, done: string) => () => this.copy(text, done);
    return html`<div class="share">
      <p class="calm">${words.private}</p>
      <div class="row" role="group" aria-label=${words.trace}>
        <button type="button" ?disabled=${isNone} @click=${() => this.save(sources)}>${words.save}</button>
        <button type="button" ?disabled=${isNone} @click=${() => this.copyTrace(sources)}>${words.linkWithTrace}</button>
        <label class="file">${words.open} <input type="file" accept=".json,application/json" @change=${(
          event: Event,
        ) => {
          const input = event.target as HTMLInputElement;
          const [file] = input.files ?? [];
          if (file) void this.open(file);
          input.value = "";
        }} /></label>
      </div>
      <div class="row" role="group" aria-label=${words.copies}>
        <button type="button" @click=${copy(linkOf(sources.settings), words.copied(words.link))}>${words.link}</button>
        <button type="button" @click=${copy(elementCode(sources.attributes, sources.options), words.copied(words.element))}>${words.element}</button>
        <button type="button" ?disabled=${isNone} @click=${() => this.copy(textsOf(sources), words.copied(words.texts))}>${words.texts}</button>
        <button type="button" ?disabled=${isNone} @click=${() => this.copy(reportOf(reported(sources)), words.copied(words.report.title))}>${words.copyReport}</button>
      </div>
      <div class="row" role="group" aria-label=${words.ofPane}>
        ${
          sources.panes.length > 1
            ? html`<label>${words.pane} <select @change=${(event: Event) => {
                this.place = (event.target as HTMLSelectElement).selectedIndex;
                this.host.requestUpdate();
              }}>${sources.panes.map((one) => html`<option ?selected=${one === pane}>${one.label}</option>`)}</select></label>`
            : nothing
        }
        <button type="button" ?disabled=${!pane || pane.events.length === 0} @click=${() => this.copy(pane.prompt + textOf(pane), words.copied(words.text))}>${words.text}</button>
        <button type="button" ?disabled=${!run} @click=${() => this.copy(run && libraryCode(run), words.copied(words.library))}>${words.library}</button>
        <button type="button" ?disabled=${!run} @click=${() => this.copy(run && commandLine(run), words.copied(words.command))}>${words.command}</button>
        ${run ? nothing : html`<span class="calm">${words.noRun}</span>`}
      </div>
      <p role="status" class="said">${this.said}</p>
      ${this.refusal === null ? nothing : html`<div class="error" role="alert"><strong>${words.refused}</strong><p>${this.refusal}</p></div>`}
      ${this.opened ? html`<triptych-replay .trace=${this.opened} autoplay></triptych-replay>` : nothing}
      ${this.history.render()}
    </div>`;
  }

  private say(sentence: string): void {
    this.said = sentence;
    this.host.requestUpdate();
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
    this.host.requestUpdate();
  }

  private save(sources: ShareSources): void {
    const url = URL.createObjectURL(new Blob([writeTrace(traceIn(sources))], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "triptych-trace.json";
    link.click();
    // The download has begun by then.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  private async copyTrace(sources: ShareSources): Promise<void> {
    const link = await toLink(traceIn(sources));
    if (link !== null)
      return this.copy(`${linkOf(sources.settings)}#trace=${link}`, shareWords.copied(shareWords.link));
    this.said = shareWords.tooLong;
    this.host.requestUpdate();
  }

  private async copy(text: string | null, done: string): Promise<void> {
    try {
      if (text !== null) await navigator.clipboard.writeText(text);
      this.said = text === null ? shareWords.noChat : done;
    } catch {
      this.said = shareWords.notCopied;
    }
    this.host.requestUpdate();
  }
}

/** What a pane was asked; null where nothing here says where its models are. */
function runOf(pane: Pane, messages: ShareSources["messages"]): CopiedRun | null {
  const { refs, options } = pane.casting;
  const [first] = pane.events;
  if (refs.length === 0 || first?.type !== "start") return null;
  return { decoder: first.decoder, refs, prompt: messages ? { messages } : pane.asked, options };
}

function linkOf(settings: Settings): string {
  const parameters = toParameters(settings);
  return location.origin + location.pathname + (parameters.size > 0 ? `?${parameters}` : "");
}

function reported(sources: ShareSources) {
  const panes = sources.panes.filter(({ events }) => events.length > 0);
  return {
    ...whereOf(sources),
    prompt: askedOf(sources),
    settings: settingsIn(sources.settings),
    panes: panes.map((pane) => {
      const { label, status, tally, fidelity, law } = pane;
      return { label, status, tally, fidelity, law, text: textOf(pane) };
    }),
  };
}

/** What a pane shows, its prompt apart. */
function textOf({ view }: Pane): string {
  return view.root.textContent ?? "";
}

/** The texts of all panes with the prompt, each under its pane's name. */
function textsOf({ panes }: ShareSources): string {
  const written = panes.filter(({ events }) => events.length > 0);
  return written.map((pane) => `${pane.label}\n\n${pane.prompt}${textOf(pane)}\n`).join("\n");
}
