// The worker and what it fetches later, as texts that a page's modules hold: so any bundler carries them, and a page of any origin has them.
import path from "node:path";
import { build, type Plugin, type Rolldown } from "vite";

type Chunk = Rolldown.OutputChunk;

interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  source?: SyntaxNode & { value?: unknown; quasis?: { value: { cooked: string } }[] };
}

/** Every node of a syntax tree. */
function* nodesOf(node: object): Generator<SyntaxNode> {
  if ("type" in node && "start" in node) yield node as SyntaxNode;
  for (const child of Object.values(node)) if (child && typeof child === "object") yield* nodesOf(child);
}

/**
 * A file's text for a worker from a `blob:` URL, where no file has a place of its own: an import from a file of `names` stands as
 * `part:NAME`, which `blob-worker.ts` replaces, and one that is made later is asked of the page.
 */
export function placelessText(code: string, file: string, tree: object, names: ReadonlySet<string>): string {
  let text = code;
  const put = ({ start, end }: SyntaxNode, by: string) => {
    text = text.slice(0, start) + by + text.slice(end);
  };
  const nodes = [...nodesOf(tree)].sort((a, b) => b.start - a.start);
  for (const node of nodes) {
    const { type, source } = node;
    const asked = source?.value ?? source?.quasis?.[0].value.cooked;
    if (!source || typeof asked !== "string" || !asked.startsWith(".")) continue;
    const name = path.posix.join(path.posix.dirname(file), asked);
    if (!names.has(name)) throw new Error(`${file} imports ${asked}, which is none of the worker's files`);
    if (type === "ImportExpression") put(node, `self.importPart(${JSON.stringify(name)})`);
    else put(source, JSON.stringify(`part:${name}`));
  }
  return text;
}

async function chunksOf(root: string, output: Rolldown.OutputOptions = {}): Promise<readonly Chunk[]> {
  const how = { root, mode: "worker", logLevel: "warn", build: { write: false, rolldownOptions: { output } } } as const;
  const [built] = (await build(how)) as Rolldown.RolldownOutput[];
  return built.output.filter((file) => file.type === "chunk");
}

/** Files that import each other can't be texts: each text holds the addresses of those that it imports. */
export function refuseCircles(chunks: readonly Pick<Chunk, "fileName" | "imports">[]): void {
  const importsOf = new Map(chunks.map(({ fileName, imports }) => [fileName, imports]));
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(" → ");
      throw new Error(
        `The worker's files import each other: ${circle}. Put what they share into one group (vite.config.ts).`,
      );
    }
    for (const other of importsOf.get(name) ?? []) visit(other, [...path, name]);
  };
  for (const name of importsOf.keys()) visit(name, []);
}

/** Puts the worker's texts into the module that starts the worker (`worker/page-worker.ts`), each of what comes later in a file of its own. */
export function workerTexts(root: string): Plugin {
  const starter = path.join(root, "src/worker/page-worker.ts");
  const prefix = "worker-text/";
  /** By the file's name without its hash. */
  const idOf = ({ fileName }: Chunk) => prefix + fileName.replace(/^worker/, "text").replace(/-[\w-]{8}(?=\.js$)/, "");
  const whole = `${prefix}text-whole.js`;
  let files: Promise<[parts: readonly Chunk[], whole: readonly Chunk[]]> | null = null;
  return {
    name: "worker-texts",
    apply: "build",
    enforce: "pre",
    resolveId: (id) => (id.startsWith(prefix) ? id : null),
    async load(id) {
      if (id !== starter && !id.startsWith(prefix)) return null;
      files ??= Promise.all([chunksOf(root), chunksOf(root, { codeSplitting: false })]);
      const [chunks, [uncut]] = await files;
      refuseCircles(chunks);
      const names = new Set(chunks.map(({ fileName }) => fileName));
      const textOf = ({ code, fileName }: Chunk) =>
        JSON.stringify(placelessText(code, fileName, this.parse(code), names));
      const asked = id === whole ? uncut : chunks.find((chunk) => idOf(chunk) === id);
      if (asked) return `export default ${textOf(asked)};`;
      const { fileName: entry, imports: core } = chunks.find(({ isEntry }) => isEntry) as Chunk;
      const entries = chunks.map((chunk) => {
        const { fileName, imports } = chunk;
        // What a worker begins with is here at once.
        const load = [entry, ...core].includes(fileName)
          ? `async () => ({ default: ${textOf(chunk)} })`
          : `() => import(${JSON.stringify(idOf(chunk))})`;
        return `${JSON.stringify(fileName)}: { load: ${load}, imports: ${JSON.stringify(imports)} }`;
      });
      return `
        import { startBlobWorker } from "./blob-worker.js";
        const parts = { ${entries.join(",\n")} };
        export const startPageWorker = () => startBlobWorker(${JSON.stringify(entry)}, parts, () => import("${whole}"));`;
    },
  };
}
