import { html, nothing, type TemplateResult } from "lit";
import type { CostCurve, DeviceReport, LoadTimes, ModelInfo } from "../worker/client.js";
import { formatMs, formatNumber } from "./figures.js";
import { renderRunsOn } from "./runs-on.js";
import { chartWords, deviceWords } from "./words/late.js";

/** The look of these figures. */
export { deviceStyle as style } from "./device-style.js";

/** How one model came to its first token. */
export interface FirstToken {
  info: ModelInfo;
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

/** On which devices the models run, the measured one among them, and where the time before the first tokens went; nothing while none is loaded. */
export function renderLoads(models: readonly FirstToken[], measured?: ModelInfo): TemplateResult {
  const infos = models.map(({ info }) => info);
  return html`${renderRunsOn(measured ? [...infos, measured] : infos)}${models.length > 0 ? renderFirstTokens(models) : nothing}`;
}

/** What the device can do, or that this can't be told of it. */
export function renderLimits({ limits }: DeviceReport): TemplateResult {
  if (!limits) {
    return html`<p>${deviceWords.noLimits}</p>`;
  }
  const { copyBytesPerSecond, multiplyAddsPerSecond, dispatchMs, submitMs, readbackMs } = limits;
  const line = (name: string, value: number, unit: string) =>
    html`<tr><th scope="row">${name}</th><td>${formatNumber(value)}</td><td>${unit}</td></tr>`;
  return html`<table class="limits">
    <tbody>
      ${line(deviceWords.copy, copyBytesPerSecond / 1e9, deviceWords.copyUnit)}
      ${line(deviceWords.multiplyAdds, multiplyAddsPerSecond / 1e9, deviceWords.multiplyAddsUnit)}
      ${line(deviceWords.dispatch, dispatchMs * 1000, "µs")} ${line(deviceWords.submit, submitMs * 1000, "µs")}
      ${line(deviceWords.readback, readbackMs * 1000, "µs")}
    </tbody>
  </table>`;
}

/** What forwards cost by their rows, in a sentence; the charts draw it. */
export function renderCosts({ rows, ratio, numMeasured, forwardMs }: CostCurve): TemplateResult {
  const last = numMeasured - 1;
  return html`<p class="costs">${chartWords.costs(forwardMs, rows[last], ratio[last])} ${chartWords.costsDrawn}</p>`;
}

function renderFirstTokens(models: readonly FirstToken[]): TemplateResult {
  return html`<figure class="loads">
    <figcaption><strong>${deviceWords.firstToken}</strong> <span>${deviceWords.oneSubmit}</span></figcaption>
    <table>
      <thead><tr><td></td>${models.map(({ info }) => html`<th scope="col">${info.name}</th>`)}</tr></thead>
      <tbody>
        <tr><th scope="row">${deviceWords.device}</th>${models.map(({ info }) => html`<td>${info.device.name}</td>`)}</tr>
        ${PHASES.map(([phase, label]) => html`<tr><th scope="row">${label}</th>${models.map(({ info }) => html`<td>${formatMs(info.load[phase])}</td>`)}</tr>`)}
        <tr><th scope="row">${deviceWords.prefill}</th>${models.map(({ firstTokenMs }) => html`<td>${firstTokenMs === null ? "–" : formatMs(firstTokenMs)}</td>`)}</tr>
      </tbody>
    </table>
  </figure>`;
}
