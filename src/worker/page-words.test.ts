import { afterEach, expect, it, vi } from "vitest";
import { pageWords, setDevice, setFilesFolder } from "./page-words.js";
import { shared } from "./worker-place.js";

afterEach(() => {
  vi.unstubAllGlobals();
  Object.assign(shared(), { files: null, device: "auto" });
});

it("files are beside the script, or beside the page where a bundler has left the address of the machine that built it", () => {
  expect(pageWords()).toMatchObject({ files: new URL(".", import.meta.url).href, isNamed: false });
  vi.stubGlobal("document", { baseURI: "https://a.example/site/page.html" });
  expect(pageWords()).toMatchObject({ files: "https://a.example/site/", isNamed: false });
});

it("a folder that the page names goes before both", () => {
  vi.stubGlobal("document", { baseURI: "https://a.example/site/page.html" });
  setFilesFolder("/triptych");
  setDevice("wasm");
  expect(pageWords()).toEqual({ files: "https://a.example/triptych/", isNamed: true, device: "wasm" });
});
