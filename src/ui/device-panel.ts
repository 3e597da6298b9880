import { html, nothing, type TemplateResult } from "lit";
import { toWire, type WireError } from "../vocabulary/errors.js";
import {
  type CostCurve,
  type DeviceReport,
  keyOf,
  type MeasureProgress,
  type ModelInfo,
  measureModel,
  type ModelRef,
  releaseModel,
  takeModel,
} from "../worker/client.js";
import type { FirstToken } from "./device-view.js";
import { Late, type LateHost } from "./late.js";
import type { Pane } from "./pane.js";
import { devicePanelWords } from "./words/first.js";

/** What was measured, and of which model. */
interface Measured {
  info: ModelInfo;
  report: DeviceReport;
}

/** What this device can do, measured on request, and where the time before a first token went. */
export class DevicePanel {
  private measured: Measured | null = null;
  private progress: MeasureProgress | null = null;
  private error: WireError | null = null;
  private measuring: AbortController | null = null;
  private readonly late: Late<typeof import("./device-view.js")>;
  private isOpen = false;

  constructor(private readonly host: LateHost) {
    this.late = new Late(host, () => import("./device-view.js"));
  }

  /** v(M) as it was measured of this model, on its device; `null` before. */
  costsOf(findModel: () => ModelRef): CostCurve | null {
    return this.measuredOf(findModel)?.report.costs ?? null;
  }

  /** What was measured of this model on its device, with its name; `null` before. */
  reportOf(findModel: () => ModelRef): { model: string; report: DeviceReport } | null {
    const measured = this.measuredOf(findModel);
    return measured && { model: measured.info.name, report: measured.report };
  }

  /** Ends a measurement that is under way. */
  cancel(): void {
    this.measuring?.abort();
  }

  /** The folded panel; `findModel` names the model whose forwards are measured. */
  render(findModel: () => ModelRef, firstTokens: readonly FirstToken[]): TemplateResult {
    const view = this.isOpen ? this.late.part : null;
    const measured = this.measuredOf(findModel);
    return html`<details class="more device" part="device" @toggle=${() => this.open()}>
      <summary>${devicePanelWords.title}</summary>
      <div class="device-parts">
        ${view?.renderLoads(firstTokens, measured?.info) ?? nothing}
        <div>
          <p>${devicePanelWords.takes}</p>
          <div class="device-act">
            <button type="button" ?disabled=${this.measuring !== null} @click=${() => this.measure(findModel)}>
              ${measured ? devicePanelWords.again : devicePanelWords.measure}</button>
            <button type="button" ?disabled=${this.measuring === null} @click=${() => this.cancel()}>${devicePanelWords.stop}</button>
            ${this.measuring ? this.renderProgress() : nothing}
          </div>
          ${this.error ? html`<div class="error" role="alert" data-code=${this.error.code}><strong>${this.error.message}</strong></div>` : nothing}
          ${measured && view ? view.renderLimits(measured.report) : nothing}
        </div>
        ${measured && view ? view.renderCosts(measured.report.costs) : nothing}
      </div>
    </details>`;
  }

  /** What is shown of another model, or of this one on another device, would be taken for its own. */
  private measuredOf(findModel: () => ModelRef): Measured | null {
    try {
      return this.measured && keyOf(this.measured.info.ref) === keyOf(findModel()) ? this.measured : null;
    } catch {
      return null;
    }
  }

  private open(): void {
    this.isOpen = true;
    this.host.requestUpdate();
  }

  private renderProgress(): TemplateResult {
    const { numDone, numRows } = this.progress ?? { numDone: 0, numRows: 1 };
    return html`<progress aria-label=${devicePanelWords.measuring} .max=${numRows} .value=${numDone}></progress>`;
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
      const info = await takeModel(ref, { signal });
      try {
        const report = await measureModel(ref, {
          signal,
          again: this.measuredOf(findModel) !== null,
          onProgress: (progress) => {
            this.progress = progress;
            this.host.requestUpdate();
          },
        });
        this.measured = { info, report };
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

/** The way to the first token of every model that panes have loaded; a draft model writes no token of its own. */
export function firstTokensOf(panes: readonly Pane[]): FirstToken[] {
  const models = new Map<string, FirstToken>();
  for (const { modelInfos, tally } of panes) {
    modelInfos.forEach((info, i) => {
      const key = keyOf(info.ref);
      if (!models.has(key)) models.set(key, { info, firstTokenMs: i === 0 ? tally.firstTokenMs : null });
    });
  }
  return [...models.values()];
}
