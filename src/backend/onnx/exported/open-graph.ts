import type { InferenceSession } from "onnxruntime-web";
import { ModelLoadError, OutOfMemoryError, UnsupportedDeviceError } from "../../../vocabulary/errors.js";
import { createSession } from "../create-session.js";
import type { OnnxRuntime } from "../onnx-graph.js";
import type { Provider } from "../provider.js";
import type { ExportFiles } from "./read-export.js";

/** Where a graph is opened. */
export interface OpeningPlace {
  runtime: OnnxRuntime;
  provider: Provider;
}

/** Hands an exported graph to the runtime. Throws `ModelLoadError` or `OutOfMemoryError`, which say what to do; the runtime can be used on. */
export async function openGraph(
  { runtime, provider }: OpeningPlace,
  { model, weights, file }: ExportFiles,
  label: string,
): Promise<InferenceSession> {
  const { name, execution } = provider;
  const options = { executionProviders: [execution], externalData: weights, graphOptimizationLevel: "all" } as const;
  return createSession(runtime, model, options).catch((error: unknown) => {
    if (error instanceof UnsupportedDeviceError) throw error;
    const reason = reasonOf(error);
    if (/bad_alloc|out of memory|failed to allocate/i.test(reason)) {
      throw new OutOfMemoryError(
        `${label} doesn't fit the memory of ONNX Runtime, 4 GB on WebAssembly (${reason}): take a smaller file with dtype, q4 say.`,
      );
    }
    if (/opset|IR version/i.test(reason) && !/opset import for domain/i.test(reason)) {
      const versions = [...file.opsets].map(([domain, version]) => `${domain || "ai.onnx"} ${version}`).join(", ");
      throw new ModelLoadError(
        `${label} is written for operators (${versions}) that this ONNX Runtime doesn't know yet: export it again with a lower opset, or update Triptych.`,
        "unsupported_opset",
      );
    }
    throw new ModelLoadError(
      `${label} can't be run by ONNX Runtime on ${name} (${reason}): take another of the folder's files with dtype, or export it again with operators of ONNX and com.microsoft.`,
      "refused_graph",
    );
  });
}

/** What the runtime says, without numbers of its own and the paths of its sources. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^.*ERROR_MESSAGE: /s, "")
    .replace(/^\S*\/onnxruntime\/\S+ .*?\) /, "")
    .replace(/\s+/g, " ")
    .replace(/[. ]+$/, "")
    .slice(0, 300);
}
