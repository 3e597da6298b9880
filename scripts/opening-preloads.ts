import path from "node:path";
import type { Plugin } from "vite";

/** What shows the recorded race on which the demo page opens: imported once the element is seen, which is later than it can be fetched. */
const OPENING = "/src/ui/recording.ts";

/** Has the built demo page fetch the modules that it opens on beside its own, and not behind them. */
export const openingPreloads: Plugin = {
  name: "opening-preloads",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle, filename }) {
      if (!bundle || path.basename(filename) !== "index.html") return [];
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const opening = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(OPENING));
      if (!opening) throw new Error(`No file of the demo page begins with ${OPENING}.`);
      const names = [opening.fileName, ...opening.imports].filter((name) => !html.includes(name));
      return names.map((name) => ({
        tag: "link",
        attrs: { rel: "modulepreload", crossorigin: true, href: `./${name}` },
        injectTo: "head" as const,
      }));
    },
  },
};
