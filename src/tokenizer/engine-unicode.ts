/** A letter since Unicode 16, which is what Rust's `tokenizers` go by. */
const LATEST_LETTER = "\u{105c0}";

/** What tells the characters that an engine doesn't know; null for one that knows Unicode 16, where none is told. */
export function unknownCharacters(knowsLatest = /\p{L}/u.test(LATEST_LETTER)): RegExp | null {
  return knowsLatest ? null : /\p{Cn}/u;
}

/** Names on the console, once for each function that this gives, the first character of a text that the engine doesn't know. */
export function noteUnknown(unknown = unknownCharacters()): (text: string) => void {
  let isNoted = unknown === null;
  return (text) => {
    const [character] = (isNoted ? null : unknown?.exec(text)) ?? [];
    if (character === undefined) return;
    isNoted = true;
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    console.warn(
      `The text has the character U+${code}, which this engine doesn't know, since its Unicode is older than 16: the text may be cut into other tokens than the model was trained with. A newer browser or Node knows more.`,
    );
  };
}
