import type { Method, MethodFigure } from "../runtime/job.js";

/** A method with its recorded figure; null where there is none. */
export type MethodInfo = Omit<Method, "bench"> & { figure: MethodFigure | null };

/** All methods: written in by `vite.config.ts`, so that a page has them without the worker that decodes. */
export declare const methodInfos: readonly MethodInfo[];
