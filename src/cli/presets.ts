import type { Command } from "commander";
import { sizeText } from "../runtime/terminal-models.js";
import { type Preset, type PresetModel, PRESETS, presetNamed } from "../vocabulary/presets.js";
import { print, printJson } from "./output.js";

/** Adds `triptych models presets`: models that run side by side, with what each costs before anything is fetched. */
export function definePresets(models: Command): void {
  models
    .command("presets")
    .argument("[name]", "one of them")
    .description("models that run side by side, and what each fetches and takes of memory (context 2048, one text)")
    .option("--json", "print one JSON object a line")
    .action((name: string | undefined, { json }: { json?: boolean }) => {
      for (const preset of name === undefined ? PRESETS : [presetNamed(name)]) {
        if (json) printJson(preset);
        else printPreset(preset);
      }
    });
}

function printPreset({ name, label, models }: Preset): void {
  print(`${name}: ${label}\n`);
  for (const model of models) print(`  ${modelLine(model)}\n`);
}

function modelLine({ role, model, options, licence, fetchBytes, memory }: PresetModel): string {
  const { weights, kv, scratch, staging } = memory;
  const how = options.blockLength === undefined ? "" : ` --trained-block ${options.blockLength}`;
  const taken = `weights ${sizeText(weights.stored)} (q8 ${sizeText(weights.q8)}, q4 ${sizeText(weights.q4)}), keys and values ${sizeText(kv)}`;
  return `${role.padEnd(14)} ${model}${how}: fetches ${sizeText(fetchBytes)}; ${taken}, scratch ${sizeText(scratch)}, staging ${sizeText(staging)}; ${licence}`;
}
