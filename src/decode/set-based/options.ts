import { COMMON_OPTIONS } from "../options.js";

/** The options of set-based prompting: those that every decoder has, each with its usual meaning. */
export const SET_BASED_OPTIONS = COMMON_OPTIONS;
