import { AUTO, namedDevice, PAGE_DEVICES } from "../vocabulary/device.js";
import type { PageWords } from "./protocol.js";
import { beforeStart, shared } from "./worker-place.js";

/**
 * Names the folder in which this site serves the package's `onnx.js` and `onnxruntime/`, which devices other than WebGPU need: for pages whose
 * bundler moved the package's scripts away from them. Call it before the first `load`; it throws once the worker runs.
 */
export function setFilesFolder(url: string | URL): void {
  beforeStart("setFilesFolder").files = new URL(`${url}/`.replace(/\/+$/, "/"), globalThis.document?.baseURI).href;
}

/**
 * Names the device of all of this page's models that don't name one themselves; default: `auto`. Call it before the first `load`; it throws once
 * the worker runs.
 */
export function setDevice(device: typeof AUTO | (typeof PAGE_DEVICES)[number]): void {
  beforeStart("setDevice").device = device === AUTO ? AUTO : namedDevice(device, PAGE_DEVICES);
}

/** What the worker is told first. Its files are beside this script, unless the page has named another folder. */
export function pageWords(): PageWords {
  // In two steps, or bundlers would take the folder for a file to copy.
  const { url } = import.meta;
  const { files, device } = shared();
  return { files: files ?? new URL(".", placeOf(url)).href, isNamed: files !== null, device };
}

/** Where a script is: some bundlers leave no address of it, or that of the machine that built it. Then it is looked for beside the page. */
function placeOf(url: string | undefined): string {
  const page = globalThis.document?.baseURI ?? "";
  const isElsewhere = !url || (url.startsWith("file:") && page !== "" && !page.startsWith("file:"));
  return isElsewhere ? page : url;
}
