import { html, type TemplateResult } from "lit";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { toWire } from "../../vocabulary/errors.js";
import type { lawOf } from "../../worker/client.js";
import { questionOf } from "../inspector/law-question.js";
import { historyOf } from "../inspector/token-history.js";
import { chartWords as words } from "../words/late.js";
import type { Pane } from "../pane.js";
import { bookOf, type Charted } from "./book.js";
import { type Chart, inOrder, rounded } from "./chart.js";

/** Places of one text that are asked for at most: each takes a forward over the text before it. */
const MOST_PLACES = 256;

/** What is asked of a pane: its run, and who wrote it; null where no model here did. */
export type Asked = Charted & Pick<Pane, "origin">;

/** Entropies by place of the runs that were asked for, one forward a place, when a person asks and no run needs the device. */
export class Entropies {
  private readonly known = new WeakMap<readonly GenerationEvent[], (number | null)[]>();
  private going: { runs: Charted["events"][]; abort: AbortController; done: number; total: number } | null = null;
  private fault = "";
  /** Grows with whatever changes the chart. */
  version = 0;

  constructor(
    private readonly ask: typeof lawOf,
    private readonly onChange: () => void,
  ) {}

  /** The chart of what is known. */
  chart(panes: readonly Charted[]): Chart {
    const told = panes.flatMap(({ label, events }, tone) => {
      const ys = this.known.get(events);
      return ys?.some((y) => y !== null) ? [{ label, tone, ys, all: bookOf(events).canvas.completion().length }] : [];
    });
    if (told.length === 0) return { says: this.fault || words.noEntropy, data: null };
    const means = told.map(({ label, ys, all }) => {
      const known = ys.filter((y) => y !== null);
      return words.entropy(label, known.reduce((sum, y) => sum + y, 0) / known.length, known.length, all);
    });
    return {
      says: words.list(means),
      data: { xLabel: words.place, yLabel: words.entropyAxis, form: "line", ...inOrder(told, 1) },
    };
  }

  /** The button that asks, or how far it is and the button that stops it. */
  renderAct(panes: readonly Asked[]): TemplateResult {
    const { going } = this;
    return going
      ? html`<span class="over">${words.placesDone(going.done, going.total)}</span>
        <button type="button" class="quiet" @click=${() => this.stop()}>${words.stopAsking}</button>`
      : html`<button type="button" class="quiet over" ?disabled=${!panes.some(canBeAsked)} @click=${() => this.start(panes)}>${words.askEntropy}</button>`;
  }

  /** Asks for every place of every text that has ended, and keeps what comes; what is known already isn't asked for again. */
  async start(panes: readonly Asked[]): Promise<void> {
    this.stop();
    const asked = panes.filter(canBeAsked);
    const places = asked.flatMap((pane) => this.placesOf(pane));
    const runs = asked.map(({ events }) => events);
    const going = { runs, abort: new AbortController(), done: 0, total: places.length };
    this.going = going;
    this.fault = "";
    this.change();
    for (const { events, at, slot, origin } of places) {
      const numSteps = events.filter(({ type }) => type === "step").length;
      const history = historyOf(events, slot, numSteps);
      const question = history && questionOf(events, slot, numSteps, history);
      try {
        const law =
          question && (await this.ask(origin.ref, { ...question, prompt: origin.prompt }, going.abort.signal));
        if (going.abort.signal.aborted) return;
        if (law) (this.known.get(events) ?? [])[at] = rounded(law.entropyNats, 4);
      } catch (error) {
        if (going.abort.signal.aborted) return;
        this.fault = toWire(error).message;
        break;
      }
      going.done++;
      this.change();
    }
    this.going = null;
    this.change();
  }

  /** Gives up what is still asked for. */
  stop(): void {
    if (!this.going) return;
    this.going.abort.abort();
    this.going = null;
    this.change();
  }

  /** Gives it up where a text that is asked for is no longer shown. */
  follow(panes: readonly Charted[]): void {
    if (this.going?.runs.some((events) => !panes.some((pane) => pane.events === events))) this.stop();
  }

  private placesOf({ events, origin }: Asked) {
    const slots = bookOf(events).canvas.completion().slice(0, MOST_PLACES);
    const known = this.known.get(events) ?? slots.map(() => null);
    this.known.set(events, known);
    return slots.flatMap(({ id, state }, at) =>
      origin && state !== "prompt" && known[at] === null ? [{ events, origin, slot: id, at }] : [],
    );
  }

  private change(): void {
    this.version++;
    this.onChange();
  }
}

/** Whether a text has ended that a model here wrote. */
function canBeAsked({ events, origin }: Asked): boolean {
  return origin !== null && events.at(-1)?.type === "done";
}
