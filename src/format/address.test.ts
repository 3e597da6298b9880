import { describe, expect, it } from "vitest";
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
