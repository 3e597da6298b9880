const MIN_CHUNK = 64;
const MAX_CHUNKS = 256;

/** How a row of the vocabulary is cut for the kernels that read all of it: chunks of so many tokens. */
export function chunksOf(vocab: number): { chunk: number; numChunks: number } {
  const chunk = Math.max(MIN_CHUNK, Math.ceil(vocab / MAX_CHUNKS));
  return { chunk, numChunks: Math.ceil(vocab / chunk) };
}
