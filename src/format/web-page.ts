import { ModelLoadError } from "../vocabulary/errors.js";

/** Names of files that are web pages. */
export const PAGE_NAME = /\.html?$/i;

/** Whether bytes begin as a web page does. */
export function isPage(bytes?: Uint8Array): boolean {
  return /^\s*<(?:!doctype html|html\b)/i.test(new TextDecoder().decode(bytes?.subarray(0, 64)));
}

/** The error for a server of single-page apps, which answers 200 with its own page where a file is missing. */
export function webPage(address: string): ModelLoadError {
  return new ModelLoadError(
    `${address} answered with a web page instead of the file: most likely the file doesn't exist there; check the model's address.`,
    "missing_file",
  );
}
