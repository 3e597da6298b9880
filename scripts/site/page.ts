import path from "node:path";
import { pageOf, type Section } from "./contents.js";
import type { Heading, Rendered } from "./markdown.js";

/** What a page's frame needs to know beside its text. */
export interface Frame {
  /** The page's own document. */
  file: string;
  sections: readonly Section[];
  /** Titles by document. */
  titles: ReadonlyMap<string, string>;
}

/** What plays traces on pages that have some: the package's own file. */
export const PLAYER = "docs/replay.js";

const DEMOS = [
  ["index.html", "Stories"],
  ["sudoku.html", "Sudoku"],
  ["frontier.html", "Frontier"],
] as const;

/** A whole page of the documentation as HTML; all addresses in it are relative. */
export function renderPage(
  { title, html, headings }: Pick<Rendered, "title" | "html" | "headings">,
  frame: Frame,
): string {
  const to = (page: string) => path.posix.relative(path.posix.dirname(pageOf(frame.file)), page) || "./";
  const name = escapeHtml(frame.file === "README.md" ? "Triptych" : `${title} · Triptych`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${escapeHtml(title)}: documentation of Triptych, which generates text in the browser on WebGPU.">
<title>${name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to("docs/docs.css")}">
<script type="module" src="${to("docs/docs.js")}" data-site="${to("docs/")}"></script>
${html.includes("<triptych-replay") ? `<script type="module" src="${to(PLAYER)}"></script>\n` : ""}</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<p class="name"><a href="${to("index.html")}">Triptych</a></p>
<nav aria-label="Site">${DEMOS.map(([page, label]) => `<a href="${to(page)}">${label}</a>`).join("")}<a href="${to("docs/index.html")}" aria-current="true">Docs</a></nav>
<search><label for="query">Search</label><input id="query" type="search" autocomplete="off" spellcheck="false"><ol id="found" hidden></ol></search>
</header>
<div class="columns">
<nav class="all" aria-label="Documentation">${frame.sections.map((section) => renderSection(section, frame, to)).join("\n")}</nav>
<main id="text">
${html}
${renderNeighbours(frame, to)}
</main>
${renderContents(headings)}
</div>
</body>
</html>
`;
}

function renderSection(
  { title, files, isFolded }: Section,
  { file, titles }: Frame,
  to: (page: string) => string,
): string {
  if (files.length === 0) return "";
  const links = files.map((one) => {
    const current = one === file ? ` aria-current="page"` : "";
    return `<li><a href="${to(pageOf(one))}"${current}>${escapeHtml(titles.get(one) ?? one)}</a></li>`;
  });
  const isOpen = !isFolded || files.includes(file);
  return `<details${isOpen ? " open" : ""}><summary>${title}</summary><ul>${links.join("")}</ul></details>`;
}

function renderContents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2);
  if (shown.length < 3) return "";
  const links = shown.map(({ text, id }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`);
  return `<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${links.join("")}</ul></nav>`;
}

function renderNeighbours({ file, sections, titles }: Frame, to: (page: string) => string): string {
  const files = sections.flatMap((section) => section.files);
  const at = files.indexOf(file);
  const link = (one: string | undefined, words: string) =>
    one
      ? `<a rel="${words}" href="${to(pageOf(one))}">${words === "prev" ? "← " : ""}${escapeHtml(titles.get(one) ?? one)}${words === "next" ? " →" : ""}</a>`
      : "";
  return `<footer>${link(files[at - 1], "prev")}${link(files[at + 1], "next")}</footer>`;
}

/** Text that is safe within HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
