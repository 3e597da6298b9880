import type { DecoderInfo } from "../runtime/job.js";

/** All decoders with their option tables: written in by `vite.config.ts`, so that a page has them without the worker that decodes. */
export declare const decoderInfos: readonly DecoderInfo[];
