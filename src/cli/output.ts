import type { AdapterReport } from "../runtime/job.js";

/** Aborted when nobody reads standard output any more. A reader that has seen enough (`| head`) is no error. */
export const readerGone = new AbortController();
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  readerGone.abort();
});

/** Writes text to standard output. */
export function print(text: string): void {
  if (!readerGone.signal.aborted) process.stdout.write(text);
}

/** Writes one value as one line of JSON to standard output. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value)}\n`);
}

/** The adapter in one line; of a software adapter, that it is one. */
export function adapterLine({ description, architecture, isSoftware }: AdapterReport): string {
  return `${description || architecture}${isSoftware ? " (software adapter: figures are of a CPU)" : ""}\n`;
}

/** Writes one line to standard error. */
export function announce(message: string): void {
  process.stderr.write(`${message.replaceAll(/\s*\n\s*/g, " ")}\n`);
}

/** Writes what went wrong as one line to standard error. */
export function complain(message: string): void {
  announce(`triptych: ${message}`);
}

/** Shows how far a long command is, on a terminal's standard error alone; with `done` at `total` the line is cleared. */
export function showProgress(what: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\x1b[K${done < total ? `${what} ${done + 1} of ${total}` : ""}`);
}

/** Resolves when everything written to standard output has left the process. */
export function endOfOutput(): Promise<void> {
  if (readerGone.signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    process.stdout.write("", () => resolve());
  });
}
