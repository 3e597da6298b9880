import { unsupported } from "./refusal.js";

/** A pattern that is read from the left; what has no counterpart in JavaScript is refused by name. */
export class PatternText {
  at = 0;
  /** Case is ignored here. */
  isFolding = false;

  constructor(readonly chars: readonly string[]) {}

  /** The character to be read; undefined at the end. */
  get next(): string | undefined {
    return this.chars[this.at];
  }

  /** Reads this text, if it comes next. */
  takes(text: string): boolean {
    const { length } = text;
    if (this.ahead(length) !== text) return false;
    this.at += length;
    return true;
  }

  /** At most so many characters that come next, unread. */
  ahead(length: number): string {
    return this.chars.slice(this.at, this.at + length).join("");
  }

  /** The error that names the pattern, and what in it can't be translated. */
  refuse(what: string): Error {
    return unsupported(`the regular expression ${JSON.stringify(this.chars.join(""))} with ${what}`);
  }
}
