import { COMMON_OPTIONS } from "../options.js";

/** The options of autoregressive decoding: those that every decoder has, each with its usual meaning. */
export const AUTOREGRESSIVE_OPTIONS = COMMON_OPTIONS;
