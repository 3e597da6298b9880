import { readFileSync } from "node:fs";
import { parseExportedConfig } from "../architecture/exported-config.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import type { OnnxModel } from "../backend/onnx/session/onnx-model.js";
import { loadExported } from "../backend/onnx/load/load-exported.js";
import type { FilledModel } from "../backend/onnx/causal-graph.js";
import { memorySource, type ModelSource } from "../format/source.js";

const SMALL = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];

/** An exported graph of `tests/fixtures/exports`. */
export const exportedFile = (name: string) => new Uint8Array(readFileSync(`tests/fixtures/exports/${name}`));

/** The small files of stories260k with these, as a folder; null: without that one. */
export function exportFolder(files: Readonly<Record<string, unknown>>, url = "exported/"): ModelSource {
  const small = SMALL.map((name) => [name, readFileSync(`public/models/stories260k/${name}`, "utf8")] as const);
  const all = new Map<string, unknown>([...small, ...Object.entries(files)]);
  for (const [name, content] of Object.entries(files)) if (content === null) all.delete(name);
  return memorySource(all, url);
}

/** A graph that was built as the files of an export: each of its weights is one. */
export function builtFiles({ model, weights }: FilledModel): Record<string, unknown> {
  const external = weights.map(({ path, data }) => [`onnx/${path}`, data]);
  return { "onnx/model.onnx": model, ...Object.fromEntries(external) };
}

/** One of the graphs of `tests/fixtures/exports` on a device. */
export async function exportedModel(device: OnnxDevice, name: string): Promise<OnnxModel> {
  return loadBuilt(device, exportFolder({ "onnx/model.onnx": exportedFile(name) }));
}

/** A folder's exported graph on a device. */
export async function loadBuilt(device: OnnxDevice, source: ModelSource): Promise<OnnxModel> {
  const file = { path: "onnx/model.onnx", dtype: "fp32" } as const;
  const config = parseExportedConfig(await source.json("config.json"), {});
  return loadExported(device, source, { ...config, file }, {});
}
