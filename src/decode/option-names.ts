import { decoders } from "./index.js";

/** The names of every decoder's options: a build has them as data (`vite.config.ts`), without the decoders. */
export const optionNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  decoders.map(({ name, options }) => [name, Object.keys(options)]),
);
