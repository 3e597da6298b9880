/**
 * The part of the runtime that runs models in ONNX Runtime, fetched now and not before. A build has it as a file of its own
 * (`vite.config.ts`), beside the worker, or in `folder`, where the worker has no address that a file could be beside.
 */
export function onnxPart(_folder: string): Promise<typeof import("./onnx-page.js")> {
  return import("./onnx-page.js");
}
