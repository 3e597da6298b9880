import type { GenerationEvent } from "../../vocabulary/events.js";
import { frameAt, framesOf, Moments, type RaceClock } from "./moments.js";
import { type FrameClock, PageFrames } from "./page-frames.js";

/** What is told of a playback. */
export interface PlaybackHost {
  /** Whether anyone still looks: else it ends. */
  readonly isConnected: boolean;
  /** Another moment is shown, or it plays, stands, or goes at another pace. */
  requestUpdate(): void;
  /** Moves the slider alone: between two moments nothing else of the page changes. */
  slide(position: number): void;
}

/** What it draws on: one run of a race. */
export interface PlayedPane {
  readonly events: readonly GenerationEvent[];
  readonly label: string;
  readonly name: string;
  /** Where it stands, in steps; below 0 before it shows anything. */
  readonly replay: { readonly position: number };
  /** Shows the run as it was after so many of its steps. */
  showStep(step: number): void;
}

/** A moment of a race: 0 is its beginning, and `last` its end. */
export interface Frame {
  index: number;
  last: number;
  /** When it came, by the clock. */
  at: number;
}

/** How fast it plays: times the device's own pace, or so that the whole takes `FIT_MS`. */
export type Speed = number | "fit";

/** How long the whole takes at the speed `fit`. */
export const FIT_MS = 10_000;
/** By forward passes there is no pace of a device: at speed 1 one takes so long. */
const FORWARD_MS = 100;
/** How long the end stands before it begins anew. */
const HOLD_MS = 800;

/** The one clock of everything that is played again: moves all panes of a race in step, by time or by forward passes. */
export class Playback {
  clock: RaceClock = "time";
  speed: Speed = "fit";
  isLooping = false;
  isPlaying = false;
  /** Where a person has left it, which a screen reader says; null while it plays. */
  said: Frame | null = null;
  private panes: readonly PlayedPane[] = [];
  private runs: readonly { events: readonly GenerationEvent[]; moments: Moments }[] = [];
  private frames: readonly number[] = [0];
  private at = 0;
  private lastMs: number | null = null;

  constructor(
    private readonly host: PlaybackHost,
    private readonly page: FrameClock = new PageFrames(),
  ) {}

  /** Whether there is a race to look at: two runs of several steps. */
  get isRace(): boolean {
    return this.runs.filter(({ moments }) => moments.numSteps > 1).length > 1;
  }

  /** Takes the panes' runs in; where one of them is new, all stand at their ends. */
  take(panes: readonly PlayedPane[]): void {
    const isSame =
      panes.length === this.panes.length && panes.every((pane, i) => pane === this.panes[i] && this.isKnown(pane, i));
    if (isSame) return;
    this.panes = [...panes];
    this.runs = panes.map(({ events }) => ({ events, moments: new Moments(events) }));
    this.halt();
    this.said = null;
    this.frames = framesOf(this.moments, this.clock);
    this.at = this.length;
  }

  /** Where it ends, by the clock. */
  get length(): number {
    return this.frames.at(-1) ?? 0;
  }

  /** Where it stands, by the clock. */
  get position(): number {
    return Math.min(this.at, this.length);
  }

  /** The frame that is shown. */
  get frame(): Frame {
    const index = frameAt(this.frames, this.position);
    return { index, last: this.frames.length - 1, at: this.frames[index] };
  }

  /** Each pane as it stands. */
  get rows(): { label: string; name: string; end: number; step: number; numSteps: number; isAtEnd: boolean }[] {
    return this.panes.map(({ label, name, replay }, i) => {
      const { moments } = this.runs[i];
      const { numSteps } = moments;
      return {
        label,
        name,
        end: moments.end(this.clock),
        step: replay.position,
        numSteps,
        isAtEnd: replay.position >= numSteps,
      };
    });
  }

  /** Plays on, from the beginning where it stands at the end. */
  play(): void {
    if (this.isPlaying) return;
    if (this.at >= this.length) this.move(0);
    this.isPlaying = true;
    this.said = null;
    this.lastMs = null;
    this.page.request(this.tick);
    this.host.requestUpdate();
  }

  /** Stands still, and says where. */
  pause(): void {
    this.halt();
    this.say();
  }

  /** Goes so many frames on, or back; stands still there. */
  step(by: number): void {
    this.show(this.frame.index + by);
  }

  /** Goes to a frame, 0 first; stands still there. */
  show(index: number): void {
    this.seek(this.frames[Math.max(0, Math.min(this.frame.last, index))]);
  }

  /** Goes to a moment by the clock, and stands still there. */
  seek(at: number): void {
    this.halt();
    this.move(at);
    this.say();
  }

  /** Goes to where a pane's step had just ended, or to the end without one; stands still there, and says nothing. */
  arrive(found: { pane: number; step: number } | null): void {
    this.halt();
    this.said = null;
    if (!found) return this.move(this.length);
    this.move(this.runs[found.pane].moments.atStep(this.clock, found.step));
    // Others may have ended at the same time: this pane stands behind this one.
    this.panes[found.pane].showStep(found.step);
  }

  /** Goes over to the other clock, at the same share of the whole. */
  choose(clock: RaceClock): void {
    const share = this.length > 0 ? this.position / this.length : 1;
    this.clock = clock;
    this.frames = framesOf(this.moments, clock);
    this.move(share * this.length);
  }

  /** Plays at another speed from here on. */
  pace(speed: Speed): void {
    this.speed = speed;
    this.host.requestUpdate();
  }

  /** Begins anew at the end, or no more. */
  loop(isLooping: boolean): void {
    this.isLooping = isLooping;
    this.host.requestUpdate();
  }

  private get moments(): Moments[] {
    return this.runs.map(({ moments }) => moments);
  }

  private isKnown({ events }: PlayedPane, index: number): boolean {
    const known = this.runs[index];
    return known?.events === events && known.moments.numSteps === events.filter(({ type }) => type === "step").length;
  }

  /** By the clock, in a millisecond of the page. */
  private get rate(): number {
    if (this.speed === "fit") return this.length / FIT_MS;
    return this.clock === "time" ? this.speed : this.speed / FORWARD_MS;
  }

  private readonly tick = (nowMs: number): void => {
    // Its panes write something else by now, or have gone.
    if (
      !this.isPlaying ||
      !this.host.isConnected ||
      this.panes.some(({ events }, i) => events !== this.runs[i].events)
    ) {
      this.isPlaying = false;
      return;
    }
    const passed = this.lastMs === null ? 0 : (nowMs - this.lastMs) * this.rate;
    this.lastMs = nowMs;
    const next = this.at + passed;
    if (next < this.length) this.move(next);
    else if (!this.isLooping) return this.stopAtEnd();
    else if (next >= this.length + HOLD_MS * this.rate) this.move(0);
    else this.move(next, true);
    this.page.request(this.tick);
  };

  /** Asks for no more frames of the page. */
  private halt(): void {
    if (this.isPlaying) this.page.cancel();
    this.isPlaying = false;
  }

  private stopAtEnd(): void {
    this.move(this.length);
    this.pause();
  }

  private move(at: number, isHolding = false): void {
    const before = this.frame.index;
    this.at = isHolding ? at : Math.max(0, Math.min(at, this.length));
    const isNew = this.frame.index !== before;
    let isMoved = false;
    this.panes.forEach((pane, i) => {
      const step = this.runs[i].moments.stepAt(this.clock, this.position);
      if (pane.replay.position === step) return;
      pane.showStep(step);
      isMoved = true;
    });
    if (isNew || isMoved || !this.isPlaying) this.host.requestUpdate();
    else if (at > 0 && !this.page.isCalm) this.host.slide(this.position);
  }

  private say(): void {
    this.said = this.frame;
    this.host.requestUpdate();
  }
}
