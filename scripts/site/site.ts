import { readFileSync } from "node:fs";
import path from "node:path";
import MiniSearch from "minisearch";
import { API, pageOf, root, sections } from "./contents.js";
import { type Rendered, renderDocument } from "./markdown.js";
import { renderPage } from "./page.js";

/** What a search finds: a section of a page. */
interface Passage {
  id: string;
  title: string;
  text: string;
}

/** The documentation's files by their addresses from the site's root. `api`: the document of the public API. Throws where a link leads nowhere. */
export function docsFiles(api: string): Map<string, string | Buffer> {
  const parts = sections();
  const files = parts.flatMap((section) => section.files);
  const known = new Set(files);
  const sourceOf = (file: string) => (file === API ? api : readFileSync(path.join(root, file), "utf8"));
  const pages = new Map(files.map((file) => [file, renderDocument(file, sourceOf(file), known)]));
  checkAnchors(pages);
  const titles = new Map([...pages].map(([file, { title }]) => [file, title]));
  const frame = { sections: parts, titles };
  return new Map<string, string | Buffer>([
    ...[...pages].map(([file, page]) => [pageOf(file), renderPage(page, { file, ...frame })] as const),
    ["docs/search.json", JSON.stringify(searchIndex(pages))],
    ["docs/docs.css", readFileSync(path.join(import.meta.dirname, "docs.css"), "utf8")],
    ["docs/page.png", readFileSync(path.join(root, "docs/page.png"))],
  ]);
}

/** Throws for a link to a heading that its page doesn't have. */
export function checkAnchors(pages: ReadonlyMap<string, Pick<Rendered, "headings" | "targets">>): void {
  const ids = new Map([...pages].map(([file, { headings }]) => [pageOf(file), new Set(headings.map(({ id }) => id))]));
  const dangling = [...pages].flatMap(([file, { targets }]) =>
    targets.flatMap((target) => {
      const [page, hash] = target.split("#");
      return hash && ids.has(page) && !ids.get(page)?.has(hash) ? [`${file}: ${target}`] : [];
    }),
  );
  if (dangling.length > 0) throw new Error(`These links lead to no heading:\n  ${dangling.join("\n  ")}`);
}

function searchIndex(pages: ReadonlyMap<string, Rendered>): MiniSearch<Passage> {
  const index = new MiniSearch<Passage>({ fields: ["title", "text"], storeFields: ["title"] });
  for (const [file, { title, text, headings }] of pages) {
    const page = path.posix.relative("docs", pageOf(file));
    index.add({ id: page, title, text });
    for (const { text: heading, id, level } of headings)
      if (level > 1) index.add({ id: `${page}#${id}`, title: `${title}: ${heading}`, text: "" });
  }
  return index;
}
