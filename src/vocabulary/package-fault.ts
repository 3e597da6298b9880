/** What is wrong with a package that couldn't be imported, to follow its name: without the paths of whoever looked for it. */
export function packageFault(name: string, error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  const [reason] = line.split(" imported from ");
  // A bundler puts another name around it.
  const isItself = new RegExp(`['":]${name}['":]`).test(reason);
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && isItself ? "isn't installed" : `could not be loaded (${reason})`;
}
