import type { DecoderInfo } from "../runtime/job.js";

/** All decoders with their option tables. Starts nothing. */
export async function listDecoders(): Promise<readonly DecoderInfo[]> {
  const { decoderInfos } = await import("./decoder-list.js");
  return decoderInfos;
}
