import { html, nothing, type TemplateResult } from "lit";
import { toWire, type WireError } from "../vocabulary/errors.js";
import {
  type CostCurve,
  type DeviceReport,
  type LoadTimes,
  type MeasureProgress,
  measureModel,
  type ModelRef,
  releaseModel,
  takeModel,
} from "../worker/client.js";
import { renderCosts } from "./cost-plot.js";
import { formatMs, formatNumber } from "./figures.js";

/** The element around the panel. */
export interface DevicePanelHost {
  requestUpdate(): void;
}

/** How one model came to its first token. */
export interface FirstToken {
  name: string;
  load: LoadTimes;
  /** From the call to the first token of the last run on it; null without one. */
  firstTokenMs: number | null;
}

const PHASES = [
  ["fetchMs", "fetch"],
  ["parseMs", "parse"],
  ["tuneMs", "choose kernels"],
  ["uploadMs", "upload"],
  ["compileMs", "compile"],
] as const satisfies [keyof LoadTimes, string][];

/** What this device can do, measured on request, and where the time before a first token went. */
export class DevicePanel {
  private report: DeviceReport | null = null;
  private progress: MeasureProgress | null = null;
  private error: WireError | null = null;
  private measuring: AbortController | null = null;

  constructor(private readonly host: DevicePanelHost) {}

  /** v(M) as it was measured; `null` before. */
  get costs(): CostCurve | null {
    return this.report?.costs ?? null;
  }

  /** Ends a measurement that is under way. */
  cancel(): void {
    this.measuring?.abort();
  }

  /** The folded panel; `findModel` names the model whose forwards are measured. */
  render(findModel: () => ModelRef, firstTokens: readonly FirstToken[]): TemplateResult {
    return html`<details class="more device" part="device">
      <summary>This device</summary>
      <div class="device-parts">
        ${firstTokens.length > 0 ? renderFirstTokens(firstTokens) : nothing}
        <div>
          <p>Half a second on a GPU, some seconds on a software adapter, in turn with what is being written.</p>
          <div class="device-act">
            <button type="button" ?disabled=${this.measuring !== null} @click=${() => this.measure(findModel)}>
              ${this.report ? "Measure again" : "Measure"}</button>
            <button type="button" ?disabled=${this.measuring === null} @click=${() => this.cancel()}>Stop measuring</button>
            ${this.measuring ? this.renderProgress() : nothing}
          </div>
          ${this.error ? html`<div class="error" role="alert" data-code=${this.error.code}><strong>${this.error.message}</strong></div>` : nothing}
          ${this.report ? renderLimits(this.report) : nothing}
        </div>
        ${this.report ? renderCosts(this.report.costs) : nothing}
      </div>
    </details>`;
  }

  private renderProgress(): TemplateResult {
    const { numDone, numRows } = this.progress ?? { numDone: 0, numRows: 1 };
    return html`<progress aria-label="Measuring" .max=${numRows} .value=${numDone}></progress>`;
  }

  private async measure(findModel: () => ModelRef): Promise<void> {
    const abort = new AbortController();
    const { signal } = abort;
    this.measuring = abort;
    this.progress = null;
    this.error = null;
    this.host.requestUpdate();
    try {
      const ref = findModel();
      await takeModel(ref, { signal });
      try {
        this.report = await measureModel(ref, {
          signal,
          again: this.report !== null,
          onProgress: (progress) => {
            this.progress = progress;
            this.host.requestUpdate();
          },
        });
      } finally {
        releaseModel(ref).catch(() => {
          // The worker is gone and the model with it.
        });
      }
    } catch (error) {
      if (!signal.aborted) this.error = toWire(error);
    } finally {
      this.measuring = null;
      this.host.requestUpdate();
    }
  }
}

function renderLimits({ limits }: DeviceReport): TemplateResult {
  const { copyBytesPerSecond, multiplyAddsPerSecond, dispatchMs, submitMs, readbackMs } = limits;
  const line = (name: string, value: number, unit: string) =>
    html`<tr><th scope="row">${name}</th><td>${formatNumber(value)}</td><td>${unit}</td></tr>`;
  return html`<table class="limits">
    <tbody>
      ${line("copy", copyBytesPerSecond / 1e9, "GB/s, read plus written")}
      ${line("multiply-adds", multiplyAddsPerSecond / 1e9, "billion/s in f32")}
      ${line("dispatch", dispatchMs * 1000, "µs")} ${line("submit", submitMs * 1000, "µs")}
      ${line("readback", readbackMs * 1000, "µs")}
    </tbody>
  </table>`;
}

function renderFirstTokens(models: readonly FirstToken[]): TemplateResult {
  return html`<figure class="loads">
    <figcaption><strong>Until the first token</strong> <span>prompt and first token are one submit</span></figcaption>
    <table>
      <thead><tr><td></td>${models.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${PHASES.map(([phase, label]) => html`<tr><th scope="row">${label}</th>${models.map(({ load }) => html`<td>${formatMs(load[phase])}</td>`)}</tr>`)}
        <tr><th scope="row">prefill, first token</th>${models.map(({ firstTokenMs }) => html`<td>${firstTokenMs === null ? "–" : formatMs(firstTokenMs)}</td>`)}</tr>
      </tbody>
    </table>
  </figure>`;
}
