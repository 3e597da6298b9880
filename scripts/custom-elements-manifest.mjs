// The custom-elements manifest, out of the elements' doc comments: dist/custom-elements.json.
import { readFileSync } from "node:fs";

const files = ["documented", "settings", "pane", "form", "generate", "compare"].map(
  (name) => `src/ui/${name}-element.ts`,
);
const REPLAY = "src/ui/trace-player/replay-element.ts";
files.push(REPLAY);
const sources = files.map((file) => readFileSync(file, "utf8")).join("");
// Lit's own states are no attributes, which the analyzer takes them for.
const attributes = new Set([...sources.matchAll(/@attr \{[^}]*\} ([\w-]+)/g)].map(([, name]) => name));
const HIDDEN = new Set(["private", "protected"]);

/** That a module's elements are defined by their names. */
const definitions = ({ path, declarations }) =>
  declarations.map(({ name, tagName }) => ({
    kind: "custom-element-definition",
    name: tagName,
    declaration: { name, module: path },
  }));

/** Leaves what a page may use: documented attributes, public members with a description, and no inherited parts of lit. */
const publicAlone = {
  name: "public-alone",
  packageLinkPhase({ customElementsManifest }) {
    for (const module of customElementsManifest.modules) {
      module.path = module.path === REPLAY ? "dist/replay.js" : "dist/element.js";
      for (const element of module.declarations) {
        // The analyzer takes the variable that a type of event is in for another.
        element.events = element.events?.filter(({ description }) => description);
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
    const { modules } = customElementsManifest;
    const [elements, replays] = ["dist/element.js", "dist/replay.js"].map((path) => ({
      kind: "javascript-module",
      path,
      declarations: modules.flatMap((module) => (module.path === path ? module.declarations : [])),
      exports: modules.flatMap((module) => (module.path === path ? module.exports : [])),
    }));
    // One base style has them all.
    for (const element of replays.declarations) element.cssProperties = elements.declarations[0].cssProperties;
    replays.exports.push(...definitions(replays));
    const define = {
      kind: "javascript-module",
      path: "dist/define.js",
      declarations: [],
      exports: definitions(elements),
    };
    customElementsManifest.modules = [elements, define, replays];
  },
};

export default {
  globs: files,
  outdir: "dist",
  litelement: true,
  packagejson: false,
  plugins: [publicAlone],
};
