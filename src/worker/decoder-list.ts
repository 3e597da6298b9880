import type { DecoderInfo } from "../decode/decoder-info.js";

/** All decoders with their option tables: written in by `vite.config.ts`, so that a page has them without the worker that decodes. */
export declare const decoderInfos: readonly DecoderInfo[];
