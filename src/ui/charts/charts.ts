import { html, type nothing, type TemplateResult } from "lit";
import { lawOf, type ModelInfo } from "../../worker/client.js";
import { chartWords as words } from "../words/late.js";
import type { Chart } from "./chart.js";
import { commitsChart } from "./commits.js";
import { costsChart } from "./costs.js";
import { acceptedChart, depthChart } from "./drafts.js";
import { type Asked, Entropies } from "./entropy.js";
import { ChartFigure } from "./figure.js";
import { kernelsChart, type Measured } from "./kernels.js";
import { memoryChart } from "./memory.js";
import { rowsChart } from "./rows.js";
import { surpriseChart } from "./surprise.js";
import { themeOf } from "./theme.js";
import { type Clock, tokensChart } from "./tokens.js";

/** The look of the charts. */
export { chartsStyle as style } from "./charts-style.js";

/** What charts are made of. */
export interface ChartSources {
  panes: readonly (Asked & { modelInfos: readonly ModelInfo[] })[];
  /** Of the model that is measured; null before. */
  measured: Measured | null;
}

/** A chart, how it is made, and the state that it was last drawn in. */
interface Entry {
  figure: ChartFigure;
  make(sources: ChartSources): Chart;
  drawn: string;
}

/** All charts of a comparison. They follow runs that go on: one is drawn a frame, the longest stale first, so that no frame waits for all. */
export class Charts {
  readonly root = document.createElement("div");
  private readonly entries: Entry[];
  private sources: ChartSources = { panes: [], measured: null };
  private readonly entropies = new Entropies(lawOf, () => this.schedule());
  private clock: Clock = "time";
  private frame = 0;
  private readonly resized = new ResizeObserver(() => this.schedule());
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)");
  private readonly onScheme = () => this.schedule();

  constructor() {
    this.root.className = "charts";
    const entry = (
      name: string,
      title: string,
      make: Entry["make"],
      extra?: () => TemplateResult | typeof nothing,
    ) => ({
      figure: new ChartFigure(name, title, extra),
      make,
      drawn: "",
    });
    this.entries = [
      entry(
        "tokens",
        words.tokensTitle,
        ({ panes }) => tokensChart(panes, this.clock),
        () => this.renderClock(),
      ),
      entry("commits", words.commitsTitle, ({ panes }) => commitsChart(panes)),
      entry("accepted", words.acceptedTitle, ({ panes }) => acceptedChart(panes)),
      entry("depth", words.depthTitle, ({ panes }) => depthChart(panes)),
      entry("rows", words.rowsTitle, ({ panes }) => rowsChart(panes)),
      entry("surprise", words.surpriseTitle, ({ panes }) => surpriseChart(panes)),
      entry(
        "entropy",
        words.entropyTitle,
        ({ panes }) => this.entropies.chart(panes),
        () => this.entropies.renderAct(this.sources.panes),
      ),
      entry("costs", words.costsTitle, ({ measured }) => costsChart(measured?.report.costs ?? null)),
      entry("kernels", words.kernelsTitle, ({ measured }) => kernelsChart(measured)),
      entry("memory", words.memoryTitle, ({ panes }) => memoryChart(panes.flatMap(({ modelInfos }) => modelInfos))),
    ];
    this.root.append(...this.entries.map(({ figure }) => figure.root));
  }

  /** Follows these from now on. */
  follow(sources: ChartSources): void {
    this.sources = sources;
    this.entropies.follow(sources.panes);
    // Asked again, both do nothing.
    this.resized.observe(this.root);
    this.scheme.addEventListener("change", this.onScheme);
    this.schedule();
  }

  /** Stops, and takes the drawings away. */
  close(): void {
    this.entropies.stop();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.resized.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    for (const entry of this.entries) {
      entry.figure.close();
      entry.drawn = "";
    }
  }

  private schedule(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    if (!this.root.isConnected) return;
    const state = this.state;
    const stale = this.entries.findIndex(({ drawn }) => drawn !== state);
    if (stale < 0) return;
    // What was drawn goes behind the others, so that each has its turn while a run goes on.
    const [entry] = this.entries.splice(stale, 1);
    this.entries.push(entry);
    entry.drawn = state;
    entry.figure.show(entry.make(this.sources), themeOf(this.root));
    this.schedule();
  }

  /** Whatever changes a drawing. */
  private get state(): string {
    const { panes, measured } = this.sources;
    const runs = panes.map(({ label, events, modelInfos }) => [label, events.length, modelInfos.length]);
    const { matches } = this.scheme;
    return JSON.stringify([
      runs,
      measured?.report.costs.forwardMs,
      measured?.model,
      matches,
      this.entropies.version,
      this.root.clientWidth,
      this.clock,
    ]);
  }

  private renderClock(): TemplateResult {
    const choose = (clock: Clock) => {
      this.clock = clock;
      this.schedule();
    };
    return html`<label class="over">${words.over}
      <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Clock)}>
        <option value="time">${words.time}</option><option value="forwards">${words.passes}</option>
      </select></label>`;
  }
}
