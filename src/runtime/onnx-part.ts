/** Where a page's scripts are, or where it says that these files are. */
export interface FilesFolder {
  folder: string;
  isNamed: boolean;
}

/**
 * The part of the runtime that runs models in ONNX Runtime, fetched now and not before. A build has it as a file of its own
 * (`vite.config.ts`): in the folder that the page has named, or beside the worker, or beside the page's scripts, where the worker has no address
 * that a file could be beside.
 */
export function onnxPart(_files: FilesFolder): Promise<typeof import("./onnx-page.js")> {
  return import("./onnx-page.js");
}
