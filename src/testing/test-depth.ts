/** Whether tests run their products of cases whole (`npm run test:whole`, an hour) or the sample that `npm test` takes. */
export const IS_WHOLE = process.env.TEST_DEPTH === "whole";
