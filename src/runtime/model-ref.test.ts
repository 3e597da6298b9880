import { expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { keyOf, refOfUrl } from "./model-ref.js";

const absolute = (url: string) => new URL(url, "https://site.example/app/").href;

it("a URL's fragment is read once, into data", () => {
  const fragment =
    "#context=512&weights=q8&kv_cache=f16&block_length=full&head=heads/a/&adapter=/b/&lora=/c&tune=true&debug=true&device=wasm";
  expect(refOfUrl(`https://models.example/a/${fragment}`, absolute)).toEqual({
    url: "https://models.example/a/",
    context: 512,
    weights: "q8",
    kvCache: "f16",
    blockLength: "full",
    head: "https://site.example/app/heads/a/",
    adapter: "https://site.example/b/",
    lora: "https://site.example/c",
    tune: true,
    debug: true,
    device: "wasm",
  });
  expect(refOfUrl("https://models.example/a/#block_length=8", absolute).blockLength).toBe(8);
  expect(refOfUrl("https://models.example/a/?v=2#", absolute)).toEqual({ url: "https://models.example/a/?v=2" });
});

it.each([
  ["context=0x200", /^context in a model's address can't be "0x200": give a whole number\.$/],
  ["context=", /^context .* can't be ""/],
  ["block_length=all", /^block_length .* can't be "all"/],
  ["tune=yes", /^tune .* can't be "yes": give true or false/],
  ["debug=", /^debug .* can't be ""/],
  [
    "contxt=512",
    /has no option "contxt" behind its #. There are context, block_length, weights, kv_cache, memory_limit, dtype, head, adapter, lora, tokenizer, tune/,
  ],
  ["__proto__=1", /has no option "__proto__"/],
  ["context=5&context=6", /^context is given twice/],
])("a fragment with %s is refused by name", (fragment, message) => {
  const act = () => refOfUrl(`https://models.example/a/#${fragment}`, absolute);
  expect(act).toThrow(InvalidOptionError);
  expect(act).toThrow(message);
});

it("a context of 0 isn't taken for one that wasn't given", () => {
  expect(keyOf({ url: "a", context: 0 })).not.toBe(keyOf({ url: "a" }));
});

it("refs of equal content are one model, in whatever order they are written", () => {
  const key = keyOf({ url: "a", weights: "q8", context: 9 });
  expect(keyOf({ context: 9, url: "a", weights: "q8" })).toBe(key);
  expect(keyOf({ url: "a", weights: "q8", context: 9, tune: false, debug: undefined })).toBe(key);
  const others = [{ url: "b" }, { url: "a", head: "h" }, { url: "a", context: 8 }, { url: "a", debug: true }];
  expect(new Set([key, ...others.map(keyOf), keyOf({ url: "a" })]).size).toBe(6);
  expect(keyOf({ url: "auto", device: "auto" })).toBe(keyOf({ url: "auto" }));
  expect(keyOf({ url: "a", kvCache: "f32" })).toBe(keyOf({ url: "a" }));
  expect(keyOf({ url: "a", kvCache: "q8" })).not.toBe(keyOf({ url: "a" }));
  expect(keyOf({ url: "a", device: "wasm" })).not.toBe(keyOf({ url: "a" }));
});
