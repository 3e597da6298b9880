/** Control characters have pictures of their own from here on (U+2400). */
const PICTURES = 0x2400;

const PLAIN: Readonly<Record<string, string>> = { " ": "␣", "\n": "⏎", "\t": "⇥", "\u007f": "␡" };

/** A text with what can't be seen made visible: spaces, line ends, tabs, controls, and marks without a width or of direction. */
export function visibleText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Z}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character in PLAIN) return PLAIN[character];
    if (code < 0x20) return String.fromCharCode(PICTURES + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
