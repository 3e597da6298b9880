/** Byte-level BPE writes each byte as one visible character: printable Latin-1 as itself, the other 68, in order, as U+0100 and on. */
const LETTERS: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
})();
const BYTES: ReadonlyMap<string, number> = new Map(LETTERS.map((letter, byte) => [letter, byte]));
const UTF8 = new TextEncoder();

/** The UTF-8 bytes of a text, each as its letter. */
export function toByteLetters(text: string): string {
  let letters = "";
  for (const byte of UTF8.encode(text)) letters += LETTERS[byte];
  return letters;
}

/** The bytes of letters; null where a character isn't one of those 256. */
export function fromByteLetters(letters: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) {
    const byte = BYTES.get(letters[i]);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
