import { html, nothing, type TemplateResult } from "lit";
import type { LanguageModel } from "../../worker/language-model.js";
import { bytesText } from "./rate.js";

/** Bytes by class, of those that its device can tell. */
function memoryOf({ memory, weights }: LanguageModel): [string, string][] {
  const { kv, scratch, staging } = memory;
  const rounded = weights === null ? "" : `, ${weights}`;
  const classes: [string, number][] = [
    ["keys and values", kv],
    ["scratch", scratch],
    ["staging, at load", staging],
  ];
  const told = classes
    .filter(([, bytes]) => bytes > 0)
    .map(([what, bytes]): [string, string] => [what, bytesText(bytes)]);
  return [["weights", bytesText(memory.weights) + rounded], ...told];
}

/** What is known of a loaded model: where it runs, its memory, its licence. */
export function renderFacts(model: LanguageModel, license: string | null): TemplateResult {
  const facts: [string, string][] = [
    ["runs on", `${model.device.name}: ${model.device.description}`],
    ...memoryOf(model),
    ["LoRA adapter", model.ref.lora?.replace(/\/+$/, "").replace(/^.*\//, "") ?? ""],
    ["context", `${model.maxLength.toLocaleString("en")} tokens`],
    ["licence", license ?? "not said by its folder"],
  ];
  return html`<dl class="facts">${facts.map(([what, value]) => (value ? html`<div><dt>${what}</dt><dd>${value}</dd></div>` : nothing))}</dl>`;
}
