import { html, nothing, type TemplateResult } from "lit";
import { type Settings, toAddress } from "../address.js";
import { shareWords } from "../words/share.js";
import type { Pane } from "../pane.js";
import { commandLine, type CopiedRun, elementCode, libraryCode } from "./code.js";
import { History, type HistoryHost } from "./history.js";
import { askedOf, settingsIn, traceIn, whereOf } from "./race-trace.js";
import { reportOf } from "./report.js";
import { type Shared, type ShareSources, sourcesOf } from "./sources.js";
import { TraceBox } from "./trace-box.js";

/** Its style sheet. */
export { shareStyle as style } from "./share-style.js";

/** The part that carries a race away, and shows one that comes from elsewhere. */
export class Share {
  private readonly traces: TraceBox;
  private place = 0;
  private readonly history: History;

  constructor(private readonly host: Pick<HistoryHost, "isConnected" | "requestUpdate">) {
    this.traces = new TraceBox(() => host.requestUpdate());
    this.history = new History({
      get isConnected() {
        return host.isConnected;
      },
      requestUpdate: () => host.requestUpdate(),
      open: (trace) => this.open(trace),
      say: (sentence) => this.traces.say(sentence),
    });
  }

  /** Lets go of what it listens to; drawn again it listens again. */
  close(): void {
    this.history.close();
  }

  /** Shows the trace of a file. */
  open(file: Blob): Promise<void> {
    return this.traces.open(file);
  }

  /** Shows the trace of a link. */
  openLink(link: string): Promise<void> {
    return this.traces.openLink(link);
  }

  /** The controls, and the trace that was opened. */
  render(shared: Shared): TemplateResult {
    const words = shareWords;
    const sources = sourcesOf(shared);
    const written = sources.panes.filter(({ events, isBusy }) => events.length > 0 && !isBusy);
    const pane = sources.panes[this.place] ?? sources.panes[0];
    const run = pane && runOf(pane, sources.messages);
    const isNone = written.length === 0 || sources.panes.some(({ isBusy }) => isBusy);
    const copy = (text: string | null, done: string) => () => this.traces.copy(text, done);
    const copyLink = async () => this.traces.copy(await linkOf(sources.settings), words.copied(words.link));
    return html`<div class="share">
      <p class="calm">${words.private}</p>
      ${this.traces.renderKeys(isNone ? null : () => traceIn(sources), () => linkOf(sources.settings))}
      <div class="row" role="group" aria-label=${words.copies}>
        <button type="button" @click=${copyLink}>${words.link}</button>
        <button type="button" @click=${copy(elementCode(sources.attributes, sources.options), words.copied(words.element))}>${words.element}</button>
        <button type="button" ?disabled=${isNone} @click=${() => this.traces.copy(textsOf(sources), words.copied(words.texts))}>${words.texts}</button>
        <button type="button" ?disabled=${isNone} @click=${() => this.traces.copy(reportOf(reported(sources)), words.copied(words.report.title))}>${words.copyReport}</button>
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
        <button type="button" ?disabled=${!pane || pane.events.length === 0} @click=${() => this.traces.copy(pane.prompt + textOf(pane), words.copied(words.text))}>${words.text}</button>
        <button type="button" ?disabled=${!run} @click=${() => this.traces.copy(run && libraryCode(run), words.copied(words.library))}>${words.library}</button>
        <button type="button" ?disabled=${!run} @click=${() => this.traces.copy(run && commandLine(run), words.copied(words.command))}>${words.command}</button>
        ${run ? nothing : html`<span class="calm">${words.noRun}</span>`}
      </div>
      ${this.traces.renderOpened()}
      ${this.history.render()}
    </div>`;
  }
}

/** What a pane was asked; null where nothing here says where its models are. */
function runOf(pane: Pane, messages: ShareSources["messages"]): CopiedRun | null {
  const { refs, options } = pane.casting;
  const [first] = pane.events;
  if (refs.length === 0 || first?.type !== "start") return null;
  return { decoder: first.decoder, refs, prompt: messages ? { messages } : pane.asked, options };
}

async function linkOf(settings: Settings): Promise<string> {
  return location.origin + location.pathname + (await toAddress(settings));
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
