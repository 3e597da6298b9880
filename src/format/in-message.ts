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

/** A name that a file gives, as it is where that is plain. */
export function nameIn(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? cut(name) : valueIn(name);
}

/** A text, or its beginning. */
export function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
