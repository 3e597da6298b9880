import { html, type TemplateResult } from "lit";
import type { Preset, PresetModel } from "../../vocabulary/presets.js";
import { listPresets } from "../../worker/client.js";
import { bytesText } from "./rate.js";
import { presetWords } from "../words/models.js";

// As the library has them, so that they are in one file, which is fetched with this panel.
const PRESETS = await listPresets();

/** The presets with the sizes of their models, and a button that loads all of one. `weights`: how they are rounded; empty: as they are stored. */
export function renderPresets(isBusy: boolean, weights: string, load: (preset: Preset) => void): TemplateResult {
  return html`<section aria-label=${presetWords.title}>
    <h3>${presetWords.heading}</h3>
    <ul class="list">${PRESETS.flatMap(setsOf).map(
      (preset) => html`<li>
        <span class="what">${preset.label}<small>${preset.models.map(sizeOf).join(" · ")}</small>
          <small>${presetWords.sizes(bytesText(sum(preset, ({ fetchBytes }) => fetchBytes)), bytesText(sum(preset, (model) => memoryOf(model, weights))), licencesOf(preset))}</small></span>
        <button type="button" class="quiet" ?disabled=${isBusy} aria-label=${presetWords.loadThis(preset.label)} @click=${() => load(preset)}>${presetWords.load}</button>
      </li>`,
    )}</ul>
  </section>`;
}

/** A preset as panes take it, one model a role: one with several diffusion models is as many sets. */
export function setsOf(preset: Preset): Preset[] {
  const twins = preset.models.filter(({ role }) => role === "diffusion");
  if (twins.length < 2) return [preset];
  const others = preset.models.filter(({ role }) => role !== "diffusion");
  return twins.map((twin) => {
    const models = [...others, twin];
    return { ...preset, label: models.map(({ label }) => label).join(" with "), models };
  });
}

/** Bytes of a preset's model on the device. */
function memoryOf({ memory }: PresetModel, weights: string): number {
  const { stored, q8, q4 } = memory.weights;
  const kept = weights === "q8" ? q8 : weights === "q4" ? q4 : stored;
  return kept + memory.kv + memory.scratch + memory.staging;
}

function sizeOf({ label, fetchBytes }: PresetModel): string {
  return `${label} ${bytesText(fetchBytes)}`;
}

function sum(preset: Preset, bytesOf: (model: PresetModel) => number): number {
  return preset.models.reduce((total, model) => total + bytesOf(model), 0);
}

function licencesOf(preset: Preset): string {
  return [...new Set(preset.models.map(({ licence }) => licence))].join(", ");
}
