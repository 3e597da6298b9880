import type { LitElement, ReactiveController } from "lit";
import { afterFrame } from "../after-frame.js";
import { isAddressed } from "../in-address.js";
import type { RecordedRace } from "../recording.js";

/** The element whose recording plays by itself. */
export interface OpeningHost extends LitElement {
  readonly autoplay: boolean;
  readonly recording: string | undefined;
  /** Whether settings are kept in the page's address. */
  readonly address?: boolean;
  /** What is shown of a recording. */
  readonly playback: RecordedRace | null;
  /** Whether anything was shown or asked for yet. */
  readonly isFresh: boolean;
  playRecording(): Promise<unknown>;
  skipRecording(): unknown;
}

/**
 * Plays an element's recording when it is first seen, unless a person was faster or the page's address holds settings. What they then do
 * in it (writing, Escape) ends the play: its end is shown.
 */
export class Opening implements ReactiveController {
  /** Resolves once the page shows what it opens on: at once where it opens on nothing that plays. */
  readonly ended: Promise<void>;
  /** Has it resolve, a frame later. */
  end: () => void = () => {};
  private watch: IntersectionObserver | null = null;

  constructor(private readonly host: OpeningHost) {
    host.addController(this);
    this.ended = new Promise((resolve) => {
      this.end = () => void afterFrame().then(resolve);
    });
  }

  hostConnected(): void {
    this.host.addEventListener("input", this.onInput);
    document.addEventListener("keydown", this.onKey);
    if (!this.isMeant) return this.end();
    // Where it stands is known before it is drawn; a frame later it would begin a frame later.
    if (isInView(this.host)) return void this.host.playRecording();
    this.watch = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.stopWatching();
      if (this.isMeant) void this.host.playRecording();
    });
    this.watch.observe(this.host);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("input", this.onInput);
    document.removeEventListener("keydown", this.onKey);
    this.stopWatching();
  }

  /** Whether the recording plays by itself, or did. */
  get isMeant(): boolean {
    const { autoplay, recording, address, isFresh } = this.host;
    return autoplay && Boolean(recording) && isFresh && !(address && isAddressed());
  }

  private stopWatching(): void {
    if (this.watch) this.end();
    this.watch?.disconnect();
    this.watch = null;
  }

  private readonly onInput = (): void => {
    this.stopWatching();
    void this.host.skipRecording();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented) void this.host.skipRecording();
  };
}

function isInView(element: Element): boolean {
  return element.getClientRects().length > 0 && element.getBoundingClientRect().top < innerHeight;
}
