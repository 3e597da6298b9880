import PageWorker from "./worker.ts?worker";

/** Starts the worker of a page: this is how the sources do it; a build puts the worker's texts here (`scripts/worker-texts.ts`). */
export async function startPageWorker(): Promise<Worker> {
  return new PageWorker({ name: "triptych" });
}
