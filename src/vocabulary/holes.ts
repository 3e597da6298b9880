/** How a hole is written in a prompt: `<mask:8>` for eight tokens, `<mask>` for one. A space before it is the hole's own. */
const HOLE = / ?<mask(?::(\d+))?>/;

/** What is written as a hole's length and isn't a whole number in digits, of the first such in a prompt; null: none. */
export function badLength(prompt: string): string | null {
  return /<mask:(?!\d+>)([^<>]*)>/.exec(prompt)?.[1] ?? null;
}

/** Whether a prompt has holes. */
export function hasHoles(prompt: string): boolean {
  return HOLE.test(prompt);
}

/** A prompt's first hole as it is written. */
export function firstHole(prompt: string): string {
  return (HOLE.exec(prompt)?.[0] ?? "").trim();
}

/** The text before a prompt's first hole; then each hole's length in tokens, with the text behind it. */
export function splitHoles(prompt: string): { before: string; holes: { length: number; behind: string }[] } {
  const [before, ...rest] = prompt.split(HOLE);
  const holes = Array.from({ length: rest.length / 2 }, (_, i) => ({
    length: rest[i * 2] === undefined ? 1 : Number(rest[i * 2]),
    behind: rest[i * 2 + 1],
  }));
  return { before, holes };
}
