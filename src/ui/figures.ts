import { html, type TemplateResult } from "lit";
import type { Tally } from "./tally.js";
import { counted } from "../vocabulary/counted.js";

/** Bytes in the largest unit that keeps a whole part: `11.2 MB`. */
export function formatBytes(byteLength: number): string {
  if (byteLength < 1000) return `${byteLength} B`;
  if (byteLength < 1e6) return `${(byteLength / 1e3).toFixed(0)} kB`;
  return `${(byteLength / 1e6).toFixed(1)} MB`;
}

/** Milliseconds below a second, seconds above: `340 ms`, `2.41 s`. */
export function formatMs(elapsedMs: number): string {
  return elapsedMs < 1000 ? `${elapsedMs.toFixed(0)} ms` : `${(elapsedMs / 1000).toFixed(2)} s`;
}

/** Three significant digits, or a dash for a figure that doesn't exist yet. */
export function formatNumber(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return "–";
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(digits)));
}

function figure(name: string, label: string, value: string, note: string): TemplateResult {
  return html`<div title=${note} data-figure=${name}><dt>${label}</dt><dd>${value}</dd></div>`;
}

/** The strip of figures below a pane; its cells keep their places while it writes. */
export function renderMetrics(tally: Tally): TemplateResult {
  const { acceptance, firstTokenMs } = tally;
  const last =
    acceptance === null
      ? figure(
          "commits-per-step",
          "commits/step",
          formatNumber(tally.commitsPerStep),
          "Tokens committed per step of the decoder",
        )
      : figure(
          "acceptance",
          "accepted",
          `${(acceptance * 100).toFixed(0)} %`,
          `${tally.accepted} of ${counted(tally.proposed, "draft")} accepted`,
        );
  const forwardsNote =
    tally.draftForwards > 0 ? `; ${tally.draftForwards} more of what drafts, weighs or guides beside it` : "";
  return html`<dl part="metrics" class="figures">
    ${figure("tokens-per-second", "tokens/s", formatNumber(tally.tokensPerSecond), "Tokens behind the first step, by the time behind it in which this run held the device")}
    ${figure("tokens-per-forward", "tokens/forward", formatNumber(tally.tokensPerForward), "Tokens of the completion by main-model forward passes, those that read the prompt included")}
    ${figure("forwards", "forward passes", String(tally.forwards), `Main-model forward passes${forwardsNote}`)}
    ${last}
    ${figure("first-token", "first token", firstTokenMs === null ? "–" : formatMs(firstTokenMs), "From the call to the first committed token")}
    ${figure("tokens", "tokens", String(tally.tokens), "Tokens of the completion")}
    ${Object.entries(tally.reports).map(([name, { label, doc }]) => figure(name, label, formatNumber(tally.figures[name] ?? null), doc))}
  </dl>`;
}
