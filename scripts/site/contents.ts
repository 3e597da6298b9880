import { readdirSync } from "node:fs";
import path from "node:path";

/** The repository's root. */
export const root = path.join(import.meta.dirname, "../..");

/** A part of the navigation, with the documents in it by their paths from the repository's root. */
export interface Section {
  title: string;
  files: readonly string[];
  /** Named in the navigation, with its pages listed on its first one alone. */
  isFolded?: boolean;
}

/** Where the API's page is made from types: it has no document of its own. */
export const API = "docs/api.md";

const documentsIn = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .sort()
    .map((name) => `${folder}/${name}`);

const extensions = () =>
  readdirSync(path.join(root, "src/extension"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/extension/${name}/README.md`);

const named = (...names: string[]) => names.map((name) => `docs/${name}.md`);

const FIRST: readonly Section[] = [
  { title: "Start", files: ["README.md", ...named("gallery")] },
  { title: "Guides", files: documentsIn("docs/guides") },
  {
    title: "Using it",
    files: named("library", "element", "models", "chat", "devices", "command-line", "transformers", "figures"),
  },
  { title: "Methods", files: ["docs/decoders/README.md", ...documentsIn("docs/decoders")] },
];

const LAST: readonly Section[] = [
  { title: "How it is made", files: ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] },
  { title: "Extensions", files: extensions(), isFolded: true },
  { title: "Decisions", files: ["docs/decisions/README.md", ...documentsIn("docs/decisions")], isFolded: true },
];

/** Every page of the documentation, in the navigation's order. A document of `docs` that no other part names stands under "Reference". */
export function sections(): readonly Section[] {
  const named = new Set([...FIRST, ...LAST].flatMap(({ files }) => files));
  const others = documentsIn("docs").filter((file) => !named.has(file));
  return [...FIRST, { title: "Reference", files: [API, ...others] }, ...LAST];
}

/** Where the page of a document lies, from the site's root: `docs/models.md` is `docs/models.html`. */
export function pageOf(file: string): string {
  if (file === "README.md") return "docs/index.html";
  const [, extension] = /^src\/extension\/([\w-]+)\/README\.md$/.exec(file) ?? [];
  if (extension) return `docs/extensions/${extension}.html`;
  const inside = file.startsWith("docs/") ? file : `docs/${file.toLowerCase()}`;
  return inside.replace(/README\.md$/, "index.html").replace(/\.md$/, ".html");
}
