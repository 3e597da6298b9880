import { type DownloadNews, sizeText, terminalModels, webAddress } from "../runtime/terminal-models.js";
import { announce } from "./output.js";

let isShown = false;

/** Shows how the download of a model goes that a command line names by its address. */
export function showDownloads(model: string): void {
  if (isShown || webAddress(model) === null) return;
  isShown = true;
  terminalModels().watch(showNews);
}

/** Shows a download: its figures on a terminal alone, what there is to say of it anywhere. */
export function showNews({ file, loadedBytes, totalBytes, bytesPerSecond, state, message }: DownloadNews): void {
  const isShown = process.stderr.isTTY;
  if (message !== undefined && state !== "failed") announce(`${isShown ? "\r\x1b[K" : ""}${message}`);
  if (!isShown) return;
  const left =
    totalBytes === null || bytesPerSecond === 0 ? "" : `, ${leftText((totalBytes - loadedBytes) / bytesPerSecond)}`;
  const rate = bytesPerSecond === 0 ? "" : `, ${sizeText(bytesPerSecond)}/s`;
  const line = `${file}  ${sizeText(loadedBytes)} of ${totalText(totalBytes)}${rate}${left}`;
  process.stderr.write(`\r\x1b[K${state === "loading" ? line : ""}`);
}

function leftText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}

/** A number of bytes for people, that may not be known. */
export function totalText(byteLength: number | null): string {
  return byteLength === null ? "an unknown size" : sizeText(byteLength);
}
