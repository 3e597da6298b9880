import { html, nothing, type TemplateResult } from "lit";
import type { Charts, ChartSources } from "./charts/charts.js";
import { Late, type LateHost } from "./late.js";
import { partWords } from "./words/first.js";

/** The folded part "Charts": nothing of it is loaded before it is opened. */
export class ChartsPanel {
  private readonly late: Late<typeof import("./charts/charts.js")>;
  private charts: Charts | null = null;
  private isOpen = false;

  constructor(private readonly host: LateHost) {
    this.late = new Late(host, () => import("./charts/charts.js"));
  }

  /** The part; the charts follow the sources while it is open. */
  render(sources: ChartSources): TemplateResult {
    const part = this.isOpen ? this.late.part : null;
    if (part) {
      this.charts ??= new part.Charts();
      this.charts.follow(sources);
    }
    return html`<details class="more" part="charts" @toggle=${(event: Event) => this.turn(event)}>
      <summary>${partWords.charts}</summary>
      ${this.charts?.root ?? nothing}
    </details>`;
  }

  /** Takes the drawings away, and all that listens for them. */
  close(): void {
    this.charts?.close();
  }

  private turn(event: Event): void {
    this.isOpen = (event.target as HTMLDetailsElement).open;
    if (this.isOpen) this.host.requestUpdate();
    else this.close();
  }
}
