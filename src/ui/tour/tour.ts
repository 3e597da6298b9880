import { type LitElement, nothing, type ReactiveController, type TemplateResult } from "lit";
import type { Late } from "../late.js";
import type { Pane } from "../pane.js";
import type { RecordedRace } from "../recording.js";
import type { Timeline } from "../timeline/timeline.js";
import { type Place, type TourStep, tourSteps } from "./steps.js";
import { tourStyle } from "./tour-style.js";
import { renderTour } from "./tour-view.js";

/** The element over whose race it leads. */
export interface TourHost extends LitElement {
  /** What it shows of a recording; null where it shows runs of its own, or nothing. */
  readonly playback: RecordedRace | null;
  readonly recording: string | undefined;
  generate(): Promise<unknown>;
  playRecording(isStill?: boolean): Promise<unknown>;
  skipRecording(): Promise<unknown>;
}

/** Where each place of a step is in the element. */
const PLACES: Readonly<Record<Exclude<Place, number>, string>> = {
  prompts: '[part="prompt"]',
  clocks: ".clocks",
  labels: ".marks > *",
};

/**
 * A guided tour over the race that the panes show: steps that each bring it to a moment, mark a part of the element, and say a sentence.
 * The page stays usable beside it; what changes the race ends it.
 */
export class Tour implements ReactiveController {
  readonly style = tourStyle;
  private steps: readonly TourStep[] = [];
  private at = 0;
  private panes: readonly Pane[] = [];
  private runs: readonly Pane["events"][] = [];
  private marked: readonly HTMLElement[] = [];
  private button: HTMLElement | null = null;

  constructor(
    private readonly host: TourHost,
    private readonly timeline: Late<Timeline>,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.forget();
  }

  /** Begins at its first step over the race of `panes`, or over the recorded one where there is none; not while one runs. `button` gets the focus when it ends. */
  async begin(panes: () => readonly Pane[], button: HTMLElement): Promise<void> {
    if (this.host.playback) await this.host.skipRecording();
    else if (this.host.recording && !panes().some(({ isOver }) => isOver)) await this.host.playRecording(true);
    await this.timeline.here();
    if (!this.host.isConnected || !panes().some(({ isOver }) => isOver) || panes().some(({ isBusy }) => isBusy)) return;
    this.forget();
    this.button = button;
    this.panes = panes();
    this.runs = this.panes.map(({ events }) => events);
    this.steps = tourSteps(this.panes, this.host.playback !== null);
    for (const { view } of this.panes) view.hold(true);
    document.addEventListener("keydown", this.onKey, { capture: true });
    await this.show(0);
    this.find(".tour-next")?.focus({ preventScroll: true });
  }

  /** The card, as long as the panes show the race that it is about. */
  render(panes: readonly Pane[]): TemplateResult | typeof nothing {
    if (this.steps.length === 0) return nothing;
    if (panes.length !== this.panes.length || panes.some(({ events }, i) => events !== this.runs[i])) {
      this.leaveCard();
      this.forget();
      return nothing;
    }
    return renderTour(this.steps, this.at, {
      go: (by) => void this.show(this.at + by),
      end: () => this.end(),
      run: this.host.playback && (() => void this.host.generate()),
    });
  }

  private end(): void {
    const { button, panes } = this;
    this.forget();
    this.timeline.asked?.arrive(panes, null);
    this.host.requestUpdate();
    // A button of a line that is gone has one in the line that took its place.
    (button?.isConnected ? button : this.find(".tour-button"))?.focus();
  }

  /** Takes back all that it did to the page, but for the moment that the race stands at. */
  private forget(): void {
    document.removeEventListener("keydown", this.onKey, { capture: true });
    for (const { view } of this.panes) view.hold(false);
    this.mark([]);
    this.steps = [];
    this.panes = [];
    this.button = null;
  }

  /** The focus goes from the card, which vanishes, to where the text will be. */
  private leaveCard(): void {
    if (!this.find(".tour")?.contains(this.host.shadowRoot?.activeElement ?? null)) return;
    void this.host.updateComplete.then(() => this.find(".paper")?.focus({ preventScroll: true }));
  }

  private async show(at: number): Promise<void> {
    const step = this.steps[at];
    if (!step) return;
    this.at = at;
    this.timeline.asked?.arrive(this.panes, step.moment);
    this.host.requestUpdate();
    await this.host.updateComplete;
    if (this.steps[this.at] !== step) return;
    this.mark(this.elementsOf(step.place));
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.marked[0]?.scrollIntoView({ block: "nearest", behavior: isCalm ? "instant" : "smooth" });
  }

  private elementsOf(place: Place): readonly HTMLElement[] {
    const all = (selector: string) => [...(this.host.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])];
    return typeof place === "number" ? all(".pane-top").slice(place, place + 1) : all(PLACES[place]);
  }

  private mark(elements: readonly HTMLElement[]): void {
    for (const element of this.marked) element.removeAttribute("data-toured");
    this.marked = elements;
    const room = `${this.find(".tour")?.offsetHeight ?? 0}px`;
    for (const element of elements) {
      element.setAttribute("data-toured", "");
      element.style.setProperty("--tour-room", room);
    }
  }

  private find(selector: string): HTMLElement | null {
    return this.host.shadowRoot?.querySelector<HTMLElement>(selector) ?? null;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    // A dialog over the page closes first.
    const isInDialog = event.composedPath().some((one) => one instanceof HTMLDialogElement);
    if (event.key !== "Escape" || event.defaultPrevented || isInDialog) return;
    event.preventDefault();
    this.end();
  };
}
