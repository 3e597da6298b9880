import { html, nothing, type TemplateResult } from "lit";
import { Late } from "../late.js";
import type { Pane } from "../pane.js";
import type { Timeline } from "../timeline/timeline.js";
import type { Tour, TourHost } from "../tour/tour.js";
import { tourButton } from "../words/first.js";

/** The button that begins the guided tour, and the place of its card; all else of it is fetched when it is begun. */
export class TourDoor {
  private readonly tour: Late<Tour>;

  constructor(
    private readonly host: TourHost & { readonly busy: boolean },
    private readonly panes: () => readonly Pane[],
    timeline: Late<Timeline>,
  ) {
    this.tour = new Late(host, async () => new (await import("../tour/tour.js")).Tour(host, timeline));
  }

  /** The button; off while a race runs. */
  renderButton(): TemplateResult {
    return html`<button type="button" class="quiet tour-button" ?disabled=${this.host.busy} @click=${this.begin}>${tourButton}</button>`;
  }

  /** The same in the foot: where no recording is shown, whose own line has it, and there is a race to lead over. */
  renderFootButton(): TemplateResult | typeof nothing {
    const { playback, recording } = this.host;
    return !playback && (recording || this.panes().some(({ isOver }) => isOver)) ? this.renderButton() : nothing;
  }

  /** The card of the step that it is at; nothing before it has begun, and when it has ended. */
  render(): TemplateResult | typeof nothing {
    return this.tour.asked?.render(this.panes()) ?? nothing;
  }

  private readonly begin = async ({ currentTarget }: Event): Promise<void> => {
    const tour = await this.tour.here();
    await tour.begin(this.panes, currentTarget as HTMLElement);
  };
}
