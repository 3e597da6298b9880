import type { Plugin } from "vite";
import { runnerImport } from "vite";

/** What the API's page says where the types aren't built. */
const NO_API = "# API\n\n`npm run build` makes this page of the public symbols' doc comments.\n";

/** Scripts of its pages, by the sources that they are built from. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "/docs/docs.js": "/src/site/docs.ts",
  "/docs/replay.js": "/src/replay.ts",
};

/** Serves the documentation beside the demo pages while they are worked on: made anew for each page that is asked for. */
export const docsInDevelopment = (root: string): Plugin => ({
  name: "docs-in-development",
  apply: "serve",
  configureServer(server) {
    server.middlewares.use(async (request, response, next) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const source = SCRIPTS[pathname];
      if (source) {
        response.writeHead(302, { Location: source }).end();
        return;
      }
      if (!pathname.startsWith("/docs/")) return next();
      try {
        const { module } = await runnerImport<typeof import("./site.js")>(`${root}scripts/site/site.ts`, {
          root,
          configFile: false,
          logLevel: "error",
        });
        const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
        const file = module.docsFiles(NO_API).get(decodeURIComponent(name.slice(1)));
        if (file === undefined) return next();
        const type = { html: "text/html; charset=utf-8", css: "text/css", json: "application/json", png: "image/png" };
        response.setHeader("Content-Type", type[name.split(".").at(-1) as keyof typeof type] ?? "text/plain");
        response.end(file);
      } catch (error) {
        next(error);
      }
    });
  },
});
