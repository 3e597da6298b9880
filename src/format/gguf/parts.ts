/** The names of all parts of a file, in order, if its name says that it is one of several (`…-00001-of-00003.gguf`); else its own. */
export function partNames(name: string): string[] {
  const found = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/i.exec(name);
  if (!found || Number(found[3]) === 0) return [name];
  const [, stem, , total, ending] = found;
  return Array.from(
    { length: Number(total) },
    (_, i) => `${stem}-${String(i + 1).padStart(5, "0")}-of-${total}${ending}`,
  );
}
