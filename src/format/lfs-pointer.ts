import { ModelLoadError } from "../vocabulary/errors.js";

const START = "version https://git-lfs";
/** No file of a model begins with so many of these characters. */
const ENOUGH = "version ".length;

/** Throws `ModelLoadError` for a few lines by which Git LFS stands for a file, as in a clone without `git lfs`: any file of a folder may be such. */
export function refusePointer(start: Uint8Array | string, label: string): void {
  const text = typeof start === "string" ? start : new TextDecoder().decode(start.subarray(0, START.length));
  if (text.length < ENOUGH || !START.startsWith(text.slice(0, START.length))) return;
  throw new ModelLoadError(
    `${label} is a pointer of Git LFS, not the file itself: fetch it with git lfs pull, or download the file.`,
    "damaged_file",
  );
}
