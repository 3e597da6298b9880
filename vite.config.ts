import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, runnerImport, type UserConfig } from "vite";
import { shaderTexts, styleTexts, wordlessOptions } from "./scripts/bundled-texts.js";
import { openingPreloads } from "./scripts/opening-preloads.js";
import { docsInDevelopment } from "./scripts/site/in-development.js";
import { workerTexts } from "./scripts/worker-texts.js";
import { withFigures } from "./scripts/method-figures.js";
import type { DecoderInfo } from "./src/decode/decoder-info.js";
import type { Method } from "./src/decode/methods.js";

const root = fileURLToPath(new URL(".", import.meta.url));
const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

// The demo page uses the package by its public names, as a reader of the page's source would.
const alias = [
  { find: /^triptych-lm$/, replacement: source("index.ts") },
  { find: /^triptych-lm\/define$/, replacement: source("define.ts") },
  { find: /^triptych-lm\/transformers$/, replacement: source("transformers/index.ts") },
  { find: /^triptych-lm\/replay$/, replacement: source("replay.ts") },
  { find: /^triptych-lm\/element$/, replacement: source("ui/element.ts") },
];

async function decoderInfos(): Promise<DecoderInfo[]> {
  const { module } = await runnerImport<{ infos: DecoderInfo[] }>(source("decode/decoder-info.ts"), {
    configFile: false,
  });
  return module.infos;
}

/** Writes the decoders' tables into the module that has them, when something asks for it. */
const decoderTables: Plugin = {
  name: "decoder-tables",
  enforce: "pre",
  async load(id) {
    if (id !== source("worker/decoder-list.ts")) return null;
    return `export const decoderInfos = ${JSON.stringify(await decoderInfos())};`;
  },
};

/** Writes methods and their recorded figures into the module that has them, when something asks for it. */
const methodTables: Plugin = {
  name: "method-tables",
  enforce: "pre",
  async load(id) {
    if (id !== source("worker/method-list.ts")) return null;
    const { module } = await runnerImport<{ methods: Method[] }>(source("decode/methods.ts"), { configFile: false });
    return `export const methodInfos = ${JSON.stringify(withFigures(module.methods))};`;
  },
};

/** The names of all decoders' options as data, so that a build needs no decoder for them. */
const optionNames: Plugin = {
  name: "option-names",
  apply: "build",
  enforce: "pre",
  async load(id) {
    if (id !== source("decode/option-names.ts")) return null;
    const names = (await decoderInfos()).map(({ name, options }) => [name, Object.keys(options)]);
    return `export const optionNames = ${JSON.stringify(Object.fromEntries(names))};`;
  },
};

/** transformers.js and what it imports, all of them modules as they are. */
const PEER_LIBRARIES = [
  "@huggingface/transformers",
  "@huggingface/jinja",
  "@huggingface/tokenizers",
  "onnxruntime-common",
  "onnxruntime-web",
];

/** Where a build finds ONNX Runtime's files: beside its script, where `scripts/build.mjs` puts them. */
const onnxFolder: Plugin = {
  name: "onnx-folder",
  apply: "build",
  enforce: "pre",
  load(id) {
    if (id !== source("backend/onnx/runtime-folder.ts")) return null;
    return `const folder = "onnxruntime/"; export const runtimeFolder = new URL(folder, import.meta.url).href;`;
  },
};

/** Where a build finds the runtime's part on ONNX Runtime: beside the worker, or where the page says that files are. */
const onnxFile: Plugin = {
  name: "onnx-file",
  apply: "build",
  enforce: "pre",
  load(id) {
    if (id !== source("runtime/onnx-part.ts")) return null;
    return `export const onnxPart = ({ folder, isNamed }) => {
      const { url } = import.meta;
      const isBeside = !isNamed && /^(?!blob:|data:|file:)./.test(url ?? "");
      return import(/* webpackIgnore: true */ /* @vite-ignore */ new URL("onnx.js", isBeside ? url : folder).href);
    };`;
  },
};

// Vite leaves a library's white space to the bundler of its user, whom pages that import a file by its URL don't have.
const WHOLLY_MINIFIED = { output: { minify: true }, checks: { pluginTimings: false } };

/** The name of the decoder whose file a chunk stands for. */
const decoderOf = (file?: string | null) => /\/decode\/([\w-]+)\/decoder\.ts$/.exec(file ?? "")?.[1];

/**
 * The worker's files: first what it begins with, in one beside `worker.js`, which imports it and nothing else: a page may have `worker.js` by any
 * name, with a query, or twice, and what is fetched later still finds the one core that it imports from. Then what is fetched when it is asked for, in few files, so that each costs few
 * fetches. A decoder that is named by none of them has a file of its own.
 */
const WORKER_FILES = [
  { name: "core", tags: ["$initial" as const], test: /(?<!\/worker\/worker\.ts)$/ },
  {
    name: "filling-masks",
    test: /\/src\/(decode\/(masks|masked-diffusion|block-diffusion|window-diffusion|any-subset)|sampling)\//,
  },
  { name: "law", test: /\/src\/(decode\/(likelihood|orders-apart)|runtime\/(law|orders)-of)/ },
  { name: "graph", test: /\/src\/(format\/onnx-file|runtime\/graph-of)\.ts$/ },
  { name: "families", test: /\/src\/architecture\/(?!dit-fold|own-head)/ },
  { name: "tokenizers", test: /\/src\/tokenizer\/(late|onig|other-models|other-norm|unicode)/ },
  { name: "memory", test: /\/src\/runtime\/(memory-estimate|smaller-choice)\.ts$/ },
  { name: "packed", test: /\/src\/format\/(packed\/|block-codes\.ts)/ },
  {
    name: "models",
    test: /\/src\/(format\/(kept\/|gguf\/parts|(address|open-address|one-file|picked-source|gguf-source)\.ts)|runtime\/stored-|vocabulary\/hub-id)|@noble/,
  },
  { name: "gguf", test: /\/src\/format\/gguf\// },
  { name: "lora", test: /\/src\/format\/lora\// },
  { name: "heads", test: /\/src\/(extension\/(?!.*key\.ts)|format|backend\/webgpu\/(plan|session))/ },
  { name: "measuring", test: /\/src\/backend\/webgpu\/((tuning|ops)\/|gpu\/profile)/ },
  { name: "shared", minShareCount: 2 },
];

/** What the demo page draws with and so do its panels, which come later. */
const SHARED_BY_PANELS = {
  name: "live",
  test: /\/lit(?:-html)?\/(?:.+\/)?(directives\/live|directive|directive-helpers)\.js$|\/src\/ui\/figures\.ts$/,
};

/** lit for Node: the same code, but for what it reads of the DOM as it is imported. So servers may import the elements. */
const LIT_FOR_SERVERS = {
  conditions: ["module", "node", "production"],
  alias: [...alias, { find: "@lit-labs/ssr-dom-shim", replacement: source("ui/server-dom.ts") }],
};

// Every build is self-contained, so that a page can import a file of dist by its URL. The licences of what is
// bundled go with it.
const BUILDS: Record<string, UserConfig> = {
  page: {
    build: {
      lib: {
        entry: {
          index: source("index.ts"),
          element: source("ui/element.ts"),
          define: source("define.ts"),
          transformers: source("transformers/index.ts"),
        },
        formats: ["es"],
      },
      copyPublicDir: false,
      license: { fileName: "LICENSES.md" },
      rolldownOptions: WHOLLY_MINIFIED,
    },
    resolve: LIT_FOR_SERVERS,
  },
  // One file without what computes, for pages that only show traces.
  replay: {
    build: {
      lib: { entry: { replay: source("replay.ts") }, formats: ["es"] },
      copyPublicDir: false,
      license: { fileName: "LICENSES-replay.md" },
      rolldownOptions: { ...WHOLLY_MINIFIED, output: { minify: true, codeSplitting: false } },
    },
    resolve: LIT_FOR_SERVERS,
  },
  worker: {
    build: {
      lib: { entry: { worker: source("worker/worker.ts") }, formats: ["es"] },
      copyPublicDir: false,
      license: { fileName: "LICENSES-worker.md" },
      rolldownOptions: {
        ...WHOLLY_MINIFIED,
        // Files that are fetched later take what they share with the worker from its own file.
        preserveEntrySignatures: false,
        output: {
          minify: true,
          chunkFileNames: ({ name, facadeModuleId }) => `worker-${decoderOf(facadeModuleId) ?? name}-[hash].js`,
          codeSplitting: { groups: WORKER_FILES, includeDependenciesRecursively: false },
        },
      },
    },
    plugins: [wordlessOptions],
  },
  onnx: {
    build: {
      lib: { entry: { onnx: source("runtime/onnx-page.ts") }, formats: ["es"] },
      copyPublicDir: false,
      license: { fileName: "LICENSES-onnx.md" },
      rolldownOptions: { ...WHOLLY_MINIFIED, output: { minify: true, codeSplitting: false } },
    },
  },
  cli: {
    build: {
      ssr: source("cli/main.ts"),
      target: "node20",
      copyPublicDir: false,
      rolldownOptions: { output: { entryFileNames: "cli.js", codeSplitting: false } },
      license: { fileName: "LICENSES-cli.md" },
    },
    // These hold native code: they stay packages of their own, which the command line asks for by name.
    ssr: { noExternal: true, external: ["webgpu", "onnxruntime-node"] },
  },
  // The report of `npm run bench -- portable`, which runs where there is no npm.
  portable: {
    build: {
      ssr: fileURLToPath(new URL("bench/portable/main.ts", import.meta.url)),
      target: "node20",
      copyPublicDir: false,
      rolldownOptions: { output: { entryFileNames: "report.js", codeSplitting: false } },
      license: { fileName: "LICENSES-report.md" },
    },
    ssr: { noExternal: true, external: ["webgpu"] },
  },
  // The documentation's search, and what has the site work without a network.
  docs: {
    build: {
      outDir: "dist/demo/docs",
      lib: { entry: { docs: source("site/docs.ts") }, formats: ["es"] },
      copyPublicDir: false,
      rolldownOptions: WHOLLY_MINIFIED,
    },
  },
  "service-worker": {
    // Libraries ask Node's name for whether this is a build.
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: "dist/demo",
      lib: { entry: { "service-worker": source("site/service-worker.ts") }, formats: ["es"] },
      copyPublicDir: false,
      rolldownOptions: { ...WHOLLY_MINIFIED, output: { minify: true, codeSplitting: false } },
    },
  },
  demo: {
    plugins: [openingPreloads],
    // Any folder of any host: every address is relative to the page.
    base: "./",
    build: {
      outDir: "dist/demo",
      license: { fileName: "LICENSES.md" },
      rolldownOptions: {
        input: ["index.html", "sudoku.html", "frontier.html"],
        checks: { pluginTimings: false },
        // What the page and its panels share is one file beside the page's own, so that the first paint costs no fetch more for each.
        output: { codeSplitting: { groups: [SHARED_BY_PANELS], includeDependenciesRecursively: false } },
      },
    },
  },
};

export default defineConfig(({ mode }) => {
  const chosen = BUILDS[mode] ?? {};
  return {
    // No fallback to index.html: a missing model file must answer 404, or it would arrive as a page of HTML.
    appType: "mpa",
    // Found when the demo's pane of transformers.js, or the charts, are opened: bundled then, they would have the page reload.
    optimizeDeps: { exclude: [...PEER_LIBRARIES, "uplot"] },
    resolve: { alias },

    ...chosen,
    plugins: [
      workerTexts(root),
      decoderTables,
      methodTables,
      optionNames,
      onnxFolder,
      onnxFile,
      shaderTexts,
      styleTexts,
      docsInDevelopment(root),
      ...(chosen.plugins ?? []),
    ],
    build: { target: "es2022", emptyOutDir: mode === "demo", ...chosen.build },
  };
});
