/** How frames of a page are asked for, one at a time; replaceable for tests. */
export interface FrameClock {
  request(tick: (nowMs: number) => void): void;
  cancel(): void;
  readonly isCalm: boolean;
}

/** A frame that took less is followed by the next one. */
const SHORT_MS = 8;

/**
 * Frames of the page for one playback: behind a frame that took long, layout and painting included, comes a rest as long, so that drawing takes
 * half of the thread's time at most. What is shown stays in time: a later frame shows more at once.
 */
export class PageFrames implements FrameClock {
  private next: ((nowMs: number) => void) | null = null;
  private isDrawing = false;
  private asked = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly now = () => performance.now()) {}

  get isCalm(): boolean {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Has `tick` called at the next frame that is drawn. */
  request(tick: (nowMs: number) => void): void {
    this.next = tick;
    if (!this.isDrawing) this.ask(0);
  }

  /** Takes that back. */
  cancel(): void {
    this.next = null;
    clearTimeout(this.rest);
    cancelAnimationFrame(this.asked);
  }

  private ask(spentMs: number): void {
    const ask = () => {
      this.asked = requestAnimationFrame(this.draw);
    };
    if (spentMs < SHORT_MS) ask();
    else this.rest = setTimeout(ask, spentMs);
  }

  private readonly draw = (nowMs: number): void => {
    const begin = this.now();
    const tick = this.next;
    this.next = null;
    this.isDrawing = true;
    tick?.(nowMs);
    // A task of its own comes behind the frame's layout and painting.
    setTimeout(() => {
      this.isDrawing = false;
      if (this.next) this.ask(this.now() - begin);
    });
  };
}
