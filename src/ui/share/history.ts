import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { formatBytes } from "../figures.js";
import { historyWords as words } from "../words/share.js";
import { keepingFault } from "./keep.js";
import { chooseKeeping, isKeeping, type KeptRace, listRaces, MOST_KEPT, onRaces, removeRaces } from "./kept-races.js";

/** What it needs of the part around it. */
export interface HistoryHost {
  /** Whether it is on a page: else nothing is listened to. */
  readonly isConnected: boolean;
  requestUpdate(): void;
  /** Shows a trace. */
  open(trace: Blob): Promise<void>;
  /** Says something to a screen reader. */
  say(sentence: string): void;
}

/** The list of races that this browser has kept. */
export class History {
  private races: readonly KeptRace[] = [];
  private fault: string | null = null;
  private isAsking = false;
  private release: (() => void) | null = null;

  constructor(private readonly host: HistoryHost) {}

  /** Listens for changes no more. */
  close(): void {
    this.release?.();
    this.release = null;
  }

  /** The list, and how to keep no more. */
  render(): TemplateResult {
    if (!this.release && this.host.isConnected) {
      this.release = onRaces(() => void this.list());
      void this.list();
    }
    const { races, isAsking } = this;
    const fault = this.fault ?? keepingFault;
    const bytes = races.reduce((sum, { trace }) => sum + trace.size, 0);
    return html`<section class="history" aria-label=${words.title}>
      <h3>${words.title}</h3>
      <p class="calm">${words.kept(races.length, MOST_KEPT.races, formatBytes(bytes), formatBytes(MOST_KEPT.bytes))} ${words.here}</p>
      ${fault === null ? nothing : html`<p class="fault" role="status">${words.fault(fault)}</p>`}
      <label><input type="checkbox" .checked=${isKeeping()} @change=${(event: Event) => this.choose((event.target as HTMLInputElement).checked)} /> ${words.keep}</label>
      <ul>${repeat(
        races,
        ({ id }) => id,
        (race) => html`<li>
          <span><time datetime=${race.date}>${new Date(race.date).toLocaleString()}</time> <q dir="auto">${race.prompt}</q>
            <span class="calm">${race.panes.map(words.pane).join("; ")}</span></span>
          <button type="button" aria-label=${words.showThis(race.prompt)} @click=${() => this.host.open(race.trace)}>${words.show}</button>
          <button type="button" aria-label=${words.removeThis(race.prompt)} @click=${(event: Event) => this.remove(race, event)}>${words.remove}</button>
        </li>`,
      )}</ul>
      ${
        races.length > 0
          ? html`<div class="row"><button type="button" @click=${(event: MouseEvent) => this.removeAll(event)}>${isAsking ? words.reallyAll(races.length) : words.all}</button>
              ${isAsking ? html`<button type="button" @click=${(event: Event) => this.ask(false, event)}>${words.not}</button>` : nothing}</div>`
          : nothing
      }
    </section>`;
  }

  private async list(): Promise<void> {
    try {
      this.races = await listRaces();
      this.fault = null;
    } catch (error) {
      this.fault = wordsOf(error);
    }
    this.host.requestUpdate();
  }

  private choose(isOn: boolean): void {
    try {
      chooseKeeping(isOn);
      this.host.say(isOn ? words.on : words.off);
    } catch (error) {
      this.fault = wordsOf(error);
    }
    this.host.requestUpdate();
  }

  private async remove({ id }: KeptRace, event: Event): Promise<void> {
    // The button goes with its race: what is next to it has the keyboard from here on.
    const item = (event.target as Element).closest("li");
    const next = item?.nextElementSibling ?? item?.previousElementSibling ?? item?.closest("section");
    next?.querySelector<HTMLElement>("button, input")?.focus();
    await this.removeThese([id]);
  }

  /** Asks at the first press, and does it at the second; one double click isn't both. */
  private async removeAll(event: MouseEvent): Promise<void> {
    if (event.detail > 1) return;
    if (!this.isAsking) return this.ask(true, event);
    this.ask(false, event);
    await this.removeThese(this.races.map(({ id }) => id));
  }

  private ask(isAsking: boolean, event: Event): void {
    this.isAsking = isAsking;
    // Where the press was, a button may be gone.
    const section = (event.target as Element).closest("section");
    if (!isAsking) section?.querySelector("input")?.focus();
    if (isAsking) this.host.say(words.asked(this.races.length));
    this.host.requestUpdate();
  }

  private async removeThese(ids: readonly string[]): Promise<void> {
    try {
      await removeRaces(ids);
      this.host.say(words.removed(ids.length));
    } catch (error) {
      this.fault = wordsOf(error);
    }
    await this.list();
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
