import type { Rows, Tensor, Weights } from "./tensor.js";

/** A tensor that is wanted, or some of its rows. */
export interface Request {
  name: string;
  rows?: Rows;
}

/** Reads these one after the other, each while what has been read before it is used. */
export async function* readAhead(
  weights: Weights,
  requests: readonly Request[],
  signal?: AbortSignal,
): AsyncGenerator<Request & { tensor: Tensor }> {
  const start = (index: number): Promise<Tensor> | undefined => {
    if (index >= requests.length) return undefined;
    const reading = weights.read(requests[index].name, requests[index].rows, signal);
    // Thrown where it is waited for, if anybody gets there.
    reading.catch(() => undefined);
    return reading;
  };
  let next = start(0);
  for (const [index, request] of requests.entries()) {
    const tensor = (await next) as Tensor;
    next = start(index + 1);
    yield { ...request, tensor };
  }
}
