import { existsSync } from "node:fs";
import path from "node:path";
import hljs from "highlight.js/lib/common";
import MarkdownIt, { type Token } from "markdown-it";
import anchor from "markdown-it-anchor";
import { pageOf, root } from "./contents.js";

/** A heading of a page, for its own list of contents and for the search. */
export interface Heading {
  level: number;
  text: string;
  id: string;
}

/** A document as it stands on its page. */
export interface Rendered {
  title: string;
  html: string;
  headings: readonly Heading[];
  /** Where its links lead within the site: page and anchor, from the site's root. */
  targets: readonly string[];
  /** What it says, without marks. */
  text: string;
}

/** The anchor that code hosts give a heading, so that a link works there and here. */
export function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function highlight(code: string, language: string): string {
  const known = hljs.getLanguage(language) ? language : null;
  return known ? hljs.highlight(code, { language: known }).value : "";
}

const markdown = new MarkdownIt({ html: true, linkify: false, highlight }).use(anchor, {
  slugify: slugOf,
  tabIndex: false,
  permalink: anchor.permalink.headerLink({ safariReaderFix: true }),
});

// What is too wide scrolls by itself, and can be reached by the keyboard.
markdown.renderer.rules.table_open = () => `<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n`;
const fence = markdown.renderer.rules.fence;
markdown.renderer.rules.fence = (...args) => (fence?.(...args) ?? "").replace("<pre>", `<pre tabindex="0">`);
const code = markdown.renderer.rules.code_block;
markdown.renderer.rules.code_block = (...args) => (code?.(...args) ?? "").replace("<pre>", `<pre tabindex="0">`);
markdown.renderer.rules.table_close = () => "</table></div>\n";

/**
 * A document's page. `documents`: every file that has a page. Throws where a link leads to no file of the repository.
 */
export function renderDocument(file: string, source: string, documents: ReadonlySet<string>): Rendered {
  const tokens = markdown.parse(source, {});
  const targets: string[] = [];
  const headings: Heading[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      const inline = tokens[i + 1];
      headings.push({ level: Number(token.tag.slice(1)), text: textOf(inline), id: String(token.attrGet("id")) });
    }
    if (token.type === "inline") for (const child of linksOf(token)) redirect(child, file, documents, targets);
  }
  const text = tokens.flatMap((token) => (token.type === "inline" || token.type === "fence" ? [textOf(token)] : []));
  // A heading without words is none.
  const html = markdown.renderer.render(tokens, markdown.options, {}).replace(/<th([^>]*)><\/th>/g, "<td$1></td>");
  const title = headings.find(({ level }) => level === 1)?.text ?? path.basename(file, ".md");
  return {
    title,
    html,
    headings,
    targets,
    text: text.join("\n"),
  };
}

function linksOf({ children }: Token): Token[] {
  return (children ?? []).filter(({ type }) => type === "link_open" || type === "image");
}

function textOf({ children, content }: Token): string {
  if (!children) return content;
  return children
    .map((child) =>
      child.type === "text" || child.type === "code_inline" ? child.content : child.type === "softbreak" ? " " : "",
    )
    .join("");
}

/** Has a link between documents lead to their pages. One to a file without a page names it and leads nowhere. */
function redirect(link: Token, file: string, documents: ReadonlySet<string>, targets: string[]): void {
  const name = link.type === "image" ? "src" : "href";
  const address = String(link.attrGet(name));
  if (/^[a-z]+:/i.test(address)) return;
  const [relative, hash = ""] = address.split("#");
  const target = relative === "" ? file : path.posix.join(path.posix.dirname(file), decodeURI(relative));
  const page = documents.has(target) ? pageOf(target) : siteFileOf(target);
  if (page === null) {
    if (!existsSync(path.join(root, target))) throw new Error(`${file} links to ${address}, which isn't there`);
    link.attrs = [["title", `${target}, in the repository`]];
    return;
  }
  targets.push(hash ? `${page}#${hash}` : page);
  const href = path.posix.relative(path.posix.dirname(pageOf(file)), page);
  link.attrSet(name, `${relative === "" ? "" : href}${hash && `#${hash}`}`);
}

/** A file that the site has beside its documentation: demo pages and pictures. */
function siteFileOf(target: string): string | null {
  if (/^[\w-]+\.html$/.test(target)) return target;
  return /^docs\/[\w-]+\.(png|svg)$/.test(target) ? target : null;
}
