import { InvalidOptionError } from "../vocabulary/errors.js";

/** What can't leave the page is the caller's: an `InvalidOptionError`; any other error stays as it is. */
export function asPlainData(error: Error): Error {
  if (error.name !== "DataCloneError") return error;
  return new InvalidOptionError(`Prompt and options must be plain data, which this isn't: ${error.message}`);
}
