import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { hubPage } from "../vocabulary/hub-id.js";
import { addressName, addressUrl, parseAddress } from "./address.js";

const HUB = "https://huggingface.co";
const hub = (repo: string, revision = "main", file: string | null = null, at = HUB) => ({
  kind: "hub",
  hub: at,
  repo,
  revision,
  file,
});
const SHA = "0123456789abcdef0123456789abcdef01234567";

describe("an address", () => {
  it.each([
    ["owner/name", hub("owner/name")],
    ["owner/name@v1.0", hub("owner/name", "v1.0")],
    ["owner/name@refs/pr/3", hub("owner/name", "refs/pr/3")],
    [`Qwen/Qwen3-0.6B@${SHA}`, hub("Qwen/Qwen3-0.6B", SHA)],
    [`${HUB}/owner/name`, hub("owner/name")],
    [`${HUB}/owner/name/`, hub("owner/name")],
    ["https://hf.co/owner/name", hub("owner/name")],
    [`${HUB}/owner/name?library=transformers`, hub("owner/name")],
    [`${HUB}/owner/name/tree/v2`, hub("owner/name", "v2")],
    [`${HUB}/owner/name/tree/refs%2Fpr%2F1`, hub("owner/name", "refs/pr/1")],
    [`${HUB}/owner/name/tree/refs/pr/1`, hub("owner/name", "refs/pr/1")],
    [`${HUB}/owner/name/blob/main/README.md`, hub("owner/name")],
    [`${HUB}/owner/name/resolve/main/config.json`, hub("owner/name")],
    [`${HUB}/owner/name/blob/main/q4/a%20b.gguf`, hub("owner/name", "main", "q4/a b.gguf")],
    [`${HUB}/owner/name/resolve/main/x.safetensors?download=true`, hub("owner/name", "main", "x.safetensors")],
    [
      "https://mirror.corp:8443/hf/owner/name/tree/main",
      hub("owner/name", "main", null, "https://mirror.corp:8443/hf"),
    ],
    ["owner/name:Q4_K_M", { ...hub("owner/name"), quantization: "Q4_K_M" }],
    ["owner/name:q8_0@v2", { ...hub("owner/name", "v2"), quantization: "q8_0" }],
    ["hf.co/owner/name:Q4_K_M", { ...hub("owner/name"), quantization: "Q4_K_M" }],
    [`${HUB}/owner/name:Q4_K_M`, { ...hub("owner/name"), quantization: "Q4_K_M" }],
    ["https://a.b/models/x", { kind: "web", folder: "https://a.b/models/x/", file: null }],
    ["https://a.b/models/x/?v=1#q", { kind: "web", folder: "https://a.b/models/x/?v=1", file: null }],
    ["https://a.b/m/x.Q4_K_M.gguf", { kind: "web", folder: "https://a.b/m/", file: "x.Q4_K_M.gguf" }],
  ])("%s", (text, expected) => {
    const address = parseAddress(text);
    expect(address).toEqual(expected);
    // What it is listed by names the same place, and so does the short name.
    expect(parseAddress(addressUrl(address))).toEqual(address);
    expect(parseAddress(addressName(address))).toEqual(address);
  });

  it.each([
    "./owner/name",
    "owner/name/",
    "/owner/name",
    "../a/b",
    "name",
    "a/b/c",
    "owner/x.gguf",
    "https://a.b/c",
    "a b/c",
  ])("%s is no hub's id", (text) => {
    expect(hubPage(text)).toBeNull();
  });

  it.each([
    ["   ", /is no address/],
    [HUB, /is a page of the hub, no model's/],
    [`${HUB}/docs`, /docs" is a page of the hub, no model's: give owner\/name/],
    [`${HUB}/docs/transformers`, /is a page of the hub, no model's/],
    [`${HUB}/someone`, /is a page of the hub, no model's/],
    ["https://hf.co/collections/a/b", /is a page of the hub, no model's/],
    [`${HUB}/datasets/owner/name`, /is a page of the hub's data sets, no model's/],
    [`${HUB}/datasets/owner/name/tree/main`, /data sets, no model's/],
    [`${HUB}/spaces/owner/name`, /is a page of the hub's spaces, no model's/],
    ["datasets/squad", /data sets, no model's/],
    ["https://a.b/m/README.md", /README\.md" is a file that holds no model's weights as they are read here: give/],
    ["https://a.b/m/pytorch_model.bin", /holds no model's weights/],
    ["https://a.b/m/config.json", /is one file of a model, not its folder/],
  ])("%j is refused by what it is, with what to give instead", (text, message) => {
    expect(() => parseAddress(text)).toThrow(InvalidOptionError);
    expect(() => parseAddress(text)).toThrow(message);
    expect(() => parseAddress(text)).toThrow(/: give owner\/name of a hub's model, or the URL .*of its folder/);
  });

  it("may have a dot in its last name", () => {
    expect(parseAddress("https://a.b/Qwen2.5-0.5B")).toMatchObject({ folder: "https://a.b/Qwen2.5-0.5B/" });
  });

  it("with a user's name or password is refused, and not repeated", () => {
    for (const text of ["https://ann:s3cret@example.com/m/", `https://s3cret@huggingface.co/owner/name`]) {
      const refused = () => parseAddress(text);
      expect(refused).toThrow(/can't hold a user's name or password, as that on (example\.com|huggingface\.co) does/);
      expect(refused).not.toThrow(/s3cret/);
    }
  });

  it("keeps load options behind an id, and looks it up where it is told", () => {
    expect(hubPage("o/n@v1#weights=q8")).toBe(`${HUB}/o/n/tree/v1/#weights=q8`);
    expect(hubPage("o/n", "https://mirror.corp/", "a/b")).toBe("https://mirror.corp/o/n/tree/a%2Fb/");
  });
});
