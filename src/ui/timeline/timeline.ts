import { nothing, type TemplateResult } from "lit";
import type { LateHost } from "../late.js";
import { Playback, type PlaybackHost, type PlayedPane } from "../playback/playback.js";
import { timelineStyle } from "./timeline-style.js";
import { renderTimeline } from "./timeline-view.js";

/** The timeline under the panes of a race. */
export class Timeline {
  readonly style = timelineStyle;
  private readonly playback: Playback;

  constructor(host: LateHost & Pick<PlaybackHost, "isConnected">) {
    this.playback = new Playback({
      get isConnected() {
        return host.isConnected;
      },
      requestUpdate: () => host.requestUpdate(),
      slide(position) {
        const slider = host.shadowRoot?.querySelector<HTMLInputElement>(".timeline > input");
        if (slider) slider.value = String(position);
      },
    });
  }

  /** Brings the race of these panes to a step of one of them, or to its end without one. */
  arrive(panes: readonly PlayedPane[], found: { pane: number; step: number } | null): void {
    this.playback.take(panes);
    this.playback.arrive(found);
  }

  /** Under panes that have all ended; nothing where there is no race to look at. */
  render(panes: readonly PlayedPane[]): TemplateResult | typeof nothing {
    this.playback.take(panes);
    return this.playback.isRace ? renderTimeline(this.playback) : nothing;
  }
}
