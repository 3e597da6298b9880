import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../src/ui/trace/read-trace.js";
import { GALLERY } from "../recordings.js";
import { pageOf, root, sections } from "./contents.js";
import { renderDocument, slugOf } from "./markdown.js";
import { fillServiceWorker, offlineFiles } from "./offline.js";
import { renderPage } from "./page.js";
import { checkAnchors } from "./site.js";

const documents = new Set(["README.md", "docs/models.md", "docs/decoders/README.md"]);
const render = (file: string, text: string) => renderDocument(file, text, documents);

describe("the documentation's pages", () => {
  it("have the anchors that code hosts give headings", () => {
    expect(slugOf("A model's own defaults")).toBe("a-models-own-defaults");
    expect(slugOf("`generate()`, and its options")).toBe("generate-and-its-options");
    expect(slugOf("Keys_and  values")).toBe("keys_and--values");
  });

  it("lead from one to the other by relative addresses", () => {
    expect(render("README.md", "[m](docs/models.md#memory)").html).toContain('href="models.html#memory"');
    expect(render("docs/decoders/README.md", "[m](../models.md)").html).toContain('href="../models.html"');
    expect(render("docs/models.md", "[start](../README.md)").html).toContain('href="index.html"');
    expect(render("docs/models.md", "[demo](../index.html)").html).toContain('href="../index.html"');
    expect(render("docs/models.md", "[here](#memory)").html).toContain('href="#memory"');
  });

  it("name a file of the repository without leading to it, and refuse one that isn't there", () => {
    const { html } = render("README.md", "[tool](scripts/build.mjs)");
    expect(html).toContain('<a title="scripts/build.mjs, in the repository">tool</a>');
    expect(() => render("README.md", "[tool](scripts/nothing.mjs)")).toThrow("README.md links to scripts/nothing.mjs");
  });

  it("refuse a link to a heading that its page doesn't have", () => {
    const models = render("docs/models.md", "# Models\n\n## Memory\n");
    const good = render("README.md", "[m](docs/models.md#memory)");
    expect(() =>
      checkAnchors(
        new Map([
          ["README.md", good],
          ["docs/models.md", models],
        ]),
      ),
    ).not.toThrow();
    const bad = render("README.md", "[m](docs/models.md#memories)");
    expect(() =>
      checkAnchors(
        new Map([
          ["README.md", bad],
          ["docs/models.md", models],
        ]),
      ),
    ).toThrow("docs/models.html#memories");
  });

  it("show the text of titles as text", () => {
    const page = render("docs/models.md", "# Models `<b>` & more\n");
    const titles = new Map([["docs/models.md", page.title]]);
    const html = renderPage(page, {
      file: "docs/models.md",
      sections: [{ title: "All", files: ["docs/models.md"] }],
      titles,
    });
    expect(html).toContain("<title>Models &lt;b&gt; &amp; more · Triptych</title>");
    expect(html).not.toContain("<b>");
  });

  it("are as many as there are documents, at addresses of their own", () => {
    const files = sections().flatMap((section) => section.files);
    expect(new Set(files.map(pageOf)).size).toBe(files.length);
    for (const file of ["README.md", "docs/api.md", "docs/models.md", "docs/decoders/speculative.md"])
      expect(files).toContain(file);
  });
});

describe("the site without a network", () => {
  it("keeps pages at once and weights when they are fetched, and knows each version of a file", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "triptych-offline-"));
    try {
      mkdirSync(path.join(folder, "models/a"), { recursive: true });
      writeFileSync(path.join(folder, "index.html"), "one");
      writeFileSync(path.join(folder, "models/a/model.safetensors"), "weights");
      writeFileSync(path.join(folder, "service-worker.js"), "use(__FILES__)");
      const first = offlineFiles(folder);
      expect(first.small.map(({ url }) => url)).toEqual(["index.html"]);
      expect(first.large).toMatchObject([{ url: "models/a/model.safetensors", byteLength: 7 }]);
      writeFileSync(path.join(folder, "index.html"), "two");
      expect(offlineFiles(folder).small[0].revision).not.toBe(first.small[0].revision);
      fillServiceWorker(folder);
      expect(JSON.parse(readFileSync(path.join(folder, "offline.json"), "utf8"))).toEqual(offlineFiles(folder));
      expect(readFileSync(path.join(folder, "service-worker.js"), "utf8")).toContain(
        'use({"small":[{"url":"index.html"',
      );
      expect(() => fillServiceWorker(folder)).toThrow("no place");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the gallery", () => {
  const page = readFileSync(path.join(root, "docs/gallery.md"), "utf8");

  it("shows every trace that is recorded for it, and no other", () => {
    const shown = [...page.matchAll(/<triptych-replay trace="\.\.\/([^"]+)"/g)].map(([, file]) => file);
    expect(shown).toEqual(GALLERY.map(({ file }) => file));
  });

  it.each(GALLERY)("has $file as it is asked for: real runs to their ends, in 40 kB at most", (asked) => {
    const bytes = readFileSync(path.join(root, "public", asked.file));
    expect(bytes.length).toBeLessThanOrEqual(40_000);
    const { prompt, settings, panes, board } = readTrace(bytes);
    expect({ prompt, settings, board }).toEqual({ prompt: asked.prompt, settings: asked.settings, board: asked.board });
    expect(panes.map(({ label, decoder }) => [label, decoder])).toEqual(
      asked.panes.map(({ label, decoder }) => [label, decoder]),
    );
    for (const [i, { events }] of panes.entries()) {
      const [start] = events;
      expect(start.type === "start" && start.options).toMatchObject({ ...asked.settings, ...asked.panes[i].options });
      expect(events.at(-1)?.type).toBe("done");
    }
  });
});
