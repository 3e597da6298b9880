import path from "node:path";
import { type ExportedDeclarations, type JSDoc, Node, Project } from "ts-morph";
import { root } from "./contents.js";

/** The package's entries, and the declarations that they ship. */
const ENTRIES = [
  ["triptych-lm", "index"],
  ["triptych-lm/element", "ui/element"],
  ["triptych-lm/define", "define"],
  ["triptych-lm/transformers", "transformers/index"],
] as const;

/** What every custom element has, as the platform defines it. */
const LIFECYCLE: ReadonlySet<string> = new Set([
  "connectedCallback",
  "disconnectedCallback",
  "attributeChangedCallback",
  "formAssociatedCallback",
  "formDisabledCallback",
  "formResetCallback",
  "formStateRestoreCallback",
]);

/** The API as one document, and what of it has no doc. */
export interface Api {
  markdown: string;
  undocumented: readonly string[];
}

/** Reads the public symbols out of the built types (`dist/types`), each with its doc comment and its declaration. */
export function describeApi(): Api {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { strict: true, skipLibCheck: true },
  });
  const undocumented: string[] = [];
  const parts = ENTRIES.flatMap(([entry, file]) => {
    const source = project.addSourceFileAtPath(path.join(root, `dist/types/${file}.d.ts`));
    project.resolveSourceFileDependencies();
    const symbols = [...source.getExportedDeclarations()].sort(([a], [b]) => a.localeCompare(b));
    if (symbols.length === 0) return [];
    const symbolTexts = symbols.map(([name, declarations]) => declared(entry, name, declarations, undocumented));
    return [`## ${entry}`, ...symbolTexts];
  });
  return { markdown: `# API\n\n${parts.join("\n\n")}\n`, undocumented };
}

function declared(entry: string, name: string, declarations: ExportedDeclarations[], undocumented: string[]): string {
  const docs = declarations.map(docOf);
  if (docs.every((doc) => doc === "")) undocumented.push(`${entry}: ${name}`);
  for (const one of declarations)
    undocumented.push(...membersWithoutDoc(one).map((member) => `${entry}: ${name}.${member}`));
  const texts = declarations.map((declaration) => declarationOf(declaration));
  return `### ${name}\n\n${docs.filter(Boolean).join("\n\n")}\n\n\`\`\`ts\n${texts.join("\n")}\n\`\`\``;
}

/** The comment of a symbol, as a paragraph. A variable's stands on its statement. */
function docOf(declaration: Node): string {
  const holder = Node.isVariableDeclaration(declaration) ? declaration.getVariableStatement() : declaration;
  if (!holder || !Node.isJSDocable(holder)) return "";
  return holder.getJsDocs().map(textOf).join("\n\n");
}

function textOf(doc: JSDoc): string {
  const tags = doc.getTags().map((tag) => `\n\n*${tag.getTagName()}* ${tag.getCommentText() ?? ""}`);
  return (doc.getDescription().trim() + tags.join("")).trim();
}

/** Methods and accessors of a public class that have no doc: what can't be guessed from a name and a type. */
function membersWithoutDoc(declaration: Node): string[] {
  if (!Node.isClassDeclaration(declaration)) return [];
  return [...declaration.getMethods(), ...declaration.getGetAccessors()]
    .filter(
      (member) =>
        !/^(private|protected|override|static override)\b/.test(member.getText().replace(/^\/\*\*[\s\S]*?\*\/\s*/, "")),
    )
    .filter((member) => member.getJsDocs().length === 0 && !LIFECYCLE.has(member.getName()))
    .map((member) => member.getName());
}

/** The declaration as it is written, without what is private. */
function declarationOf(declaration: Node): string {
  const holder = Node.isVariableDeclaration(declaration)
    ? (declaration.getVariableStatement() ?? declaration)
    : declaration;
  return holder
    .getText()
    .replace(/^\s*(private|protected) .*;\n/gm, "")
    .replace(/^export (declare )?/, "")
    .replace(/^declare /, "");
}
