/** The names of all parts of a file, in order, if its name says that it is one of several (`…-00001-of-00003.gguf`); else its own. */
export function partNames(name: string): string[] {
  const found = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/.exec(name);
  if (!found) return [name];
  const [, stem, , total] = found;
  return Array.from({ length: Number(total) }, (_, i) => `${stem}-${String(i + 1).padStart(5, "0")}-of-${total}.gguf`);
}
