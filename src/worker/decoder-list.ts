import type { DecoderInfo } from "../decode/decoder-info.js";

declare const DECODER_INFOS: readonly DecoderInfo[];

/** All decoders with their option tables: written in by the build, so that a page has them without the worker that decodes. */
export const decoderInfos = DECODER_INFOS;
