/** Longest text of a file that a message repeats. */
const MAX_LENGTH = 80;

/** What a file holds, as a message may say it: as JSON in one line, and no more of it than a reader wants. */
export function valueIn(value: unknown): string {
  try {
    return cut(JSON.stringify(value) ?? "undefined");
  } catch {
    // What is nested too deep to be written.
    return "a value";
  }
}

/** Why a request failed, as far as the platform says it: Node has "fetch failed", and the reason as its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

/** A name that a file gives, as it is where that is plain. */
export function nameIn(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? cut(name) : valueIn(name);
}

/** A text, or its beginning. */
export function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
