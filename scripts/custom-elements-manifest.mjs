// The custom-elements manifest, out of the elements' doc comments: dist/custom-elements.json.
import { readFileSync } from "node:fs";

const files = ["documented", "settings", "pane", "form", "generate", "compare"].map(
  (name) => `src/ui/${name}-element.ts`,
);
const sources = files.map((file) => readFileSync(file, "utf8")).join("");
// Lit's own states are no attributes, which the analyzer takes them for.
const attributes = new Set([...sources.matchAll(/@attr \{[^}]*\} ([\w-]+)/g)].map(([, name]) => name));
const HIDDEN = new Set(["private", "protected"]);

/** Leaves what a page may use: documented attributes, public members with a description, and no inherited parts of lit. */
const publicAlone = {
  name: "public-alone",
  packageLinkPhase({ customElementsManifest }) {
    for (const module of customElementsManifest.modules) {
      module.path = "dist/element.js";
      for (const element of module.declarations) {
        element.attributes = element.attributes?.filter(({ name }) => attributes.has(name));
        if (element.tagName === "triptych-generate")
          element.cssParts = element.cssParts.filter(({ description }) => !description.endsWith("in a comparison."));
        element.members = element.members?.filter(
          ({ privacy, static: isStatic, description }) => !HIDDEN.has(privacy) && !isStatic && description,
        );
        for (const member of [...(element.members ?? []), ...(element.attributes ?? [])]) delete member.inheritedFrom;
      }
      module.declarations = module.declarations.filter(({ tagName }) => tagName);
      module.exports = module.declarations.map(({ name }) => ({
        kind: "js",
        name,
        declaration: { name, module: module.path },
      }));
    }
    const declarations = customElementsManifest.modules.flatMap(({ declarations }) => declarations);
    const exports = customElementsManifest.modules.flatMap(({ exports }) => exports);
    customElementsManifest.modules = [
      { kind: "javascript-module", path: "dist/element.js", declarations, exports },
      {
        kind: "javascript-module",
        path: "dist/define.js",
        declarations: [],
        exports: declarations.map(({ name, tagName }) => ({
          kind: "custom-element-definition",
          name: tagName,
          declaration: { name, module: "dist/element.js" },
        })),
      },
    ];
  },
};

export default {
  globs: files,
  outdir: "dist",
  litelement: true,
  packagejson: false,
  plugins: [publicAlone],
};
