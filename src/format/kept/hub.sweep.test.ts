// Over 300 lines: one server that behaves like a hub, and what a load makes of each of its answers.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { hubPage } from "../../vocabulary/hub-id.js";
import { HubServer } from "../../testing/hub-server.js";
import { KeptBed } from "../../testing/kept-bed.js";
import { openAddress } from "../open-address.js";
import { KeptFiles } from "./kept-files.js";
import { KeptModels } from "./kept-models.js";
import { memoryStore, type Store } from "./store.js";

const WEIGHTS = "model.safetensors";
const bytesOf = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 24) & 255);
const weights = bytesOf(300_000);
const config = new TextEncoder().encode('{"model_type":"llama"}');

let server: HubServer;
let bed: KeptBed;

beforeEach(async () => {
  server = new HubServer();
  await server.listen();
  server.repos.set("o/m", {
    files: new Map([
      ["config.json", config],
      [WEIGHTS, weights],
    ]),
    lfs: new Set([WEIGHTS]),
    commit: "a".repeat(40),
    license: "mit",
  });
  bed = new KeptBed(memoryStore(50_000));
});
afterEach(() => server.close());

/** `toEqual` takes a second for so many bytes. */
const expectBytes = (bytes: Uint8Array, expected: Uint8Array) =>
  expect(Buffer.compare(bytes, expected), `${bytes.length} bytes`).toBe(0);
const repo = () => server.repos.get("o/m") as NonNullable<ReturnType<typeof server.repos.get>>;
const page = (id = "o/m") => hubPage(id, server.url) as string;
const open = (of = bed, id?: string) => of.models.source(page(id));
const load = async (of = bed, id?: string) => (await open(of, id)).bytes(WEIGHTS);

async function refusal(act: Promise<unknown>): Promise<ModelLoadError> {
  const error: unknown = await act.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof ModelLoadError) return error;
  throw error;
}

describe("a hub's model", () => {
  it("comes from the commit of its revision by way of another origin, which gets no token, by GET alone", async () => {
    bed.models.useToken("hf_test", server.url);
    repo().isGated = true;
    expectBytes(await load(), weights);
    expect(await (await open()).json("config.json")).toEqual({ model_type: "llama" });
    const at = (origin: string) => server.seen.filter((one) => one.origin === origin);
    expect(at("cdn").length).toBe(1);
    expect(at("cdn").map(({ authorization }) => authorization)).toEqual([null]);
    expect(new Set(at("hub").map(({ authorization }) => authorization))).toEqual(new Set(["Bearer hf_test"]));
    expect(server.seen.every(({ method }) => method === "GET")).toBe(true);
    const kept = JSON.stringify([await bed.models.list(), bed.news]);
    expect(kept).not.toContain("hf_test");
    for (const folder of await bed.store.folders()) {
      for (const [part, length] of await bed.store.parts(folder)) {
        expect(new TextDecoder().decode(await bed.store.read(folder, part, 0, length))).not.toContain("hf_test");
      }
    }
  });

  it("is kept: a later visit asks for the commit alone, and without a network nothing", async () => {
    await load();
    const before = server.seen.length;
    expectBytes(await load(bed.again()), weights);
    expect(server.seen.slice(before).map(({ url }) => url)).toEqual([`/api/models/o/m/revision/main?blobs=true`]);
    const offline = bed.again({ fetch: () => Promise.reject(new TypeError("no network")) });
    expectBytes(await load(offline), weights);
    expect((await refusal((await open(offline)).json("config.json"))).code).toBe("unreachable");
    expect((await refusal((await open(offline)).json("tokenizer.json"))).code).toBe("missing_file");
  });

  it("is read while it comes, by parts, and its last byte once all are what they should be", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.gate = async (_, servedBytes) => (servedBytes >= 131_072 ? held : undefined);
    const file = await (await open()).file(WEIGHTS);
    expectBytes(await file.read(8, 100_000), weights.slice(8, 100_000));
    expect(server.servedBytes(WEIGHTS)).toBeLessThan(weights.length);
    const last = file.read(299_999, 300_000);
    release();
    expectBytes(await last, weights.slice(299_999));
    await file.close();
  });

  it("goes on from the byte where it stopped: in the same visit after a cut, in the next after an abort", async () => {
    server.mishaps.set(WEIGHTS, [{ cutAfter: 120_000 }]);
    server.beforeCut = () => bed.heard(({ loadedBytes }) => loadedBytes >= 120_000);
    expectBytes(await load(), weights);
    expect(
      server
        .seenOf(WEIGHTS)
        .filter(({ origin }) => origin === "cdn")
        .map(({ range }) => range),
    ).toEqual([null, "bytes=120000-"]);
    expect(server.servedBytes(WEIGHTS)).toBe(weights.length);
    expect(bed.messages.join()).toMatch(/broke off after 120000 bytes/);
  });

  it("a server that falls silent is asked again from the byte that was reached, with a word while it is waited for", async () => {
    let isSilent = true;
    server.gate = (name, servedBytes) =>
      isSilent && name === WEIGHTS && servedBytes >= 131_072 ? new Promise(() => {}) : Promise.resolve();
    const loading = load();
    await bed.heard(({ loadedBytes }) => loadedBytes >= 131_072);
    await bed.passSilence();
    expect(bed.news.at(-1)).toMatchObject({
      state: "waiting",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ has sent nothing for 5 s: it is asked again after 30 s\.$/),
    });
    isSilent = false;
    await bed.passSilence();
    expectBytes(await loading, weights);
    expect(server.seenOf(WEIGHTS).at(-1)?.range).toBe("bytes=131072-");
  });

  it.each([
    ["before its answer", 0, 2],
    ["from the midst of a file on", 131_072, 7],
  ])("a server that is silent %s ends in an error that says so", async (_, from, numAsked) => {
    let numSilent = 0;
    let fallsSilent = () => {};
    server.gate = async (name, servedBytes) => {
      if (numSilent === 0 && (name !== WEIGHTS || servedBytes < from)) return;
      numSilent++;
      fallsSilent();
      await new Promise(() => {});
    };
    const failing = refusal(load());
    for (let i = 1; i <= numAsked; i++) {
      await new Promise<void>((resolve) => {
        fallsSilent = resolve;
        if (numSilent >= i) resolve();
      });
      if (from > 0) await bed.heard(({ loadedBytes }) => loadedBytes >= from);
      await bed.passSilence();
      await bed.passSilence();
    }
    expect((await failing).message).toMatch(/can't be reached \(it has sent nothing for 30 s\)/);
    expect(server.seenOf(WEIGHTS).filter(({ origin }) => origin === "cdn").length).toBe(numAsked);
  });

  it("an aborted download stops, keeps what has come, and the next visit fetches the rest alone", async () => {
    const abort = new AbortController();
    server.gate = (name, servedBytes) =>
      name === WEIGHTS && servedBytes >= 131_072 ? new Promise(() => {}) : Promise.resolve();
    const loading = (await open()).bytes(WEIGHTS, undefined, abort.signal);
    const refused = expect(loading).rejects.toThrow(/abort/i);
    await bed.heard(({ loadedBytes }) => loadedBytes >= 100_000);
    abort.abort();
    await refused;
    await bed.heard(({ state }) => state === "stopped");
    server.gate = null;
    const [{ storedBytes, byteLength }] = await bed.models.list();
    expect(byteLength).toBe(weights.length);
    const next = bed.again();
    expectBytes(await load(next), weights);
    expect(server.seenOf(WEIGHTS).at(-1)?.range).toBe(`bytes=${storedBytes}-`);
    expect(server.seenOf(WEIGHTS).at(-1)?.servedBytes).toBe(weights.length - storedBytes);
    expect(storedBytes).toBeGreaterThan(0);
  });

  it("wrong bytes are fetched again once; a reader that has got some reads the file again; twice wrong is an error", async () => {
    server.mishaps.set(WEIGHTS, [{ wrongByte: 7 }]);
    expectBytes(await load(), weights);
    expect(bed.messages.join()).toMatch(/other bytes than its SHA-256 says: it is fetched again/);

    server.mishaps.set("config.json", [{ wrongByte: 3 }]);
    expect(await (await open()).json("config.json")).toEqual({ model_type: "llama" });

    const fresh = new KeptBed(memoryStore(50_000));
    server.mishaps.set(WEIGHTS, [{ wrongByte: 7 }, { wrongByte: 8 }]);
    const error = await refusal(load(fresh));
    expect(error.code).toBe("wrong_bytes");
    expect(error.message).toMatch(/model\.safetensors of .*other bytes than its SHA-256 says, twice/);
    // Nothing of it is kept: the next try is a new one.
    expectBytes(await load(fresh), weights);
  });

  it("readers in parts of wrong bytes are told that the file has changed, and get the right ones next", async () => {
    server.mishaps.set(WEIGHTS, [{ wrongByte: 7 }]);
    const source = await open();
    const file = await source.file(WEIGHTS);
    await file.read(0, 100);
    expect((await refusal(file.read(0, weights.length))).code).toBe("changed_file");
    await file.close();
    expectBytes(await load(), weights);
  });

  it("waits as long as a busy server asks, and says so; a wait can be given up", async () => {
    server.mishaps.set(WEIGHTS, [{ status: 429, headers: { "retry-after": "7" } }, { status: 503 }]);
    expectBytes(await load(), weights);
    expect(bed.waitedMs.slice(0, 2)).toEqual([7000, 2000]);
    expect(bed.messages[0]).toMatch(/is busy \(status 429\): asking again in 7 s/);

    const abort = new AbortController();
    const patient = new KeptBed(memoryStore(50_000), undefined, undefined, {
      wait: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          abort.abort();
        }),
    });
    server.mishaps.set(WEIGHTS, [{ status: 429, headers: { "retry-after": "60" } }]);
    await expect((await open(patient)).bytes(WEIGHTS, undefined, abort.signal)).rejects.toThrow(/abort/i);
  });

  it("a server that stays busy, or asks for hours, is an error that says when", async () => {
    server.mishaps.set(WEIGHTS, [{ status: 429, headers: { "retry-after": "86400" } }]);
    const error = await refusal(load());
    expect(error.code).toBe("server_error");
    expect(error.message).toMatch(/429: it asks to wait 86400 s/);
    const expired = new KeptBed();
    server.mishaps.set(WEIGHTS, [{ status: 403 }]);
    expect((await refusal(load(expired))).message).toMatch(/model\.safetensors answered with status 403/);
    expect(JSON.stringify(expired.news)).not.toContain("secret");
    server.mishaps.set(WEIGHTS, Array(9).fill({ status: 500 }));
    expect((await refusal(load(new KeptBed()))).message).toMatch(/500/);
  });

  it("gated, private, misspelt and missing each say what to do", async () => {
    repo().isGated = true;
    const gated = await refusal(load());
    expect(gated.code).toBe("gated");
    expect(gated.message).toMatch(
      /accept its terms at http.*\/o\/m, make a token at .*\/settings\/tokens, and give it as the option token/,
    );
    const refused = bed.again();
    refused.models.useToken("hf_other", server.url);
    expect((await refusal(load(refused))).message).toMatch(/token that was given has no access/);
    repo().isGated = false;
    expect((await refusal(load(bed, "o/none"))).message).toMatch(
      /\/o\/none isn't there, or is private .*\.\/o\/none\//,
    );
    expect((await refusal(load(bed, "o/m@v2"))).message).toMatch(/has no revision v2/);
    const missing = await refusal((await open()).json("tokenizer.json"));
    expect(missing.message).toMatch(
      /tokenizer\.json is missing in o\/m at main, which has config\.json, model\.safetensors\./,
    );
    expect(await (await open()).has("tokenizer.json")).toBe(false);
  });

  it("a revision that moves is fetched anew as far as it has changed, with a word, and the old files go", async () => {
    await load();
    await (await open()).json("config.json");
    const other = bytesOf(200_000, 9);
    server.repos.set("o/m", {
      ...repo(),
      commit: "b".repeat(40),
      files: new Map([
        ["config.json", config],
        [WEIGHTS, other],
      ]),
    });
    const next = bed.again();
    expectBytes(await load(next), other);
    await (await open(next)).json("config.json");
    expect(server.seenOf("config.json").length).toBe(1);
    expect(next.messages.join()).toMatch(/moved from commit aaaaaaa to bbbbbbb/);
    const [model] = await next.models.list();
    expect(model).toMatchObject({ commit: "b".repeat(40), license: "mit", storedBytes: other.length + config.length });
    expect((await next.store.folders()).filter((name) => name.startsWith("sha256-")).length).toBe(1);
    // What is named by its commit is looked up no more.
    const pinned = next.again({ fetch: () => Promise.reject(new TypeError("no network")) });
    expect((await refusal(load(pinned, `o/m@${"b".repeat(40)}`))).code).toBe("unreachable");
  });

  it("a mirror without an API serves its files by revision", async () => {
    server.isMirror = true;
    expectBytes(await load(), weights);
    expect(await (await open()).has("config.json")).toBe(true);
    expect(await (await open()).has("tokenizer.json")).toBe(false);
    expectBytes(await load(bed.again({ fetch: () => Promise.reject(new TypeError("no network")) })), weights);
  });

  it("a download that there is no room for is refused before a byte of it, with the numbers", async () => {
    bed = new KeptBed({ ...memoryStore(50_000), kind: "opfs" });
    bed.room = { usedBytes: 900_000, quotaBytes: 1_000_000 };
    const error = await refusal(load());
    expect(error.code).toBe("no_room");
    expect(error.message).toMatch(/needs 300 kB \(300000 bytes\), and .* has 100 kB free of 1\.0 MB/);
    expect(server.seenOf(WEIGHTS)).toEqual([]);
  });

  it("a storage that is full midway ends in what to remove; what has come is kept, and what was whole is read all the same", async () => {
    const files = new Map([
      ["config.json", config],
      [WEIGHTS, bytesOf(40_000, 3)],
    ]);
    server.repos.set("o/old", { ...repo(), files });
    let [hasLimit, isFull] = [false, false];
    const limited = memoryStore(50_000);
    const store: Store = {
      ...limited,
      kind: "opfs",
      write: async (...how) => {
        if (hasLimit && Number(how[1]) === 100_000) isFull = true;
        if (isFull) throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
        return limited.write(...how);
      },
    };
    bed = new KeptBed(store);
    await load(bed, "o/old");
    hasLimit = true;
    bed.room = { usedBytes: 500_000, quotaBytes: 1_000_000 };
    const error = await refusal(load());
    expect(error.code).toBe("no_room");
    expect(error.message).toMatch(
      /^model\.safetensors of .*: remove a model that is kept \(those last read longest ago: .*o\/old.*, 40 kB\), make room/,
    );
    for (const visit of [bed, bed.again()]) {
      expectBytes(await (await open(visit, "o/old")).bytes(WEIGHTS), bytesOf(40_000, 3));
    }
    hasLimit = isFull = false;
    expectBytes(await load(bed.again()), weights);
    expect(server.seenOf(WEIGHTS).at(-1)?.range).toBe("bytes=100000-");
  });

  it("a quantisation behind a colon is the GGUF file that says it, or is refused with those there are", async () => {
    const names = [
      "m-Q4_K_M.gguf",
      "m.q8_0.gguf",
      "m-IQ4_K_M-x.gguf",
      "mmproj-Q4_K_M.gguf",
      "big/m-Q6_K-00001-of-00002.gguf",
    ];
    const others = ["big/m-Q6_K-00002-of-00002.gguf", "a-Q5_0.gguf", "b-Q5_0.gguf", "config.json", WEIGHTS];
    server.repos.set("o/q", { ...repo(), files: new Map([...names, ...others].map((name) => [name, config])) });
    const models = new KeptModels(new KeptFiles(bed.keeping));
    const weightsOf = async (id: string) => (await openAddress(models, page(id))).weights;
    expect(await weightsOf("o/q:Q4_K_M")).toEqual(["m-Q4_K_M.gguf"]);
    expect(await weightsOf("o/q:Q8_0")).toEqual(["m.q8_0.gguf"]);
    expect(await weightsOf("o/q:q6_k")).toEqual([...names.slice(-1), ...others.slice(0, 1)]);
    expect((await refusal(weightsOf("o/q:Q5_0"))).message).toMatch(
      /has 2 GGUF files of Q5_0: name one .*a-Q5_0\.gguf, http.*b-Q5_0\.gguf\.$/,
    );
    expect((await refusal(weightsOf("o/q:Q2_K"))).message).toMatch(
      /has no GGUF file whose name says Q2_K\. Its GGUF files are .*m-Q4_K_M\.gguf/,
    );
    expect((await refusal(weightsOf("o/m:Q2_K"))).message).toMatch(/It has no GGUF file\.$/);
    server.isMirror = true;
    expect((await refusal(new KeptBed().models.source(page("o/q:Q4_K_M")))).message).toMatch(
      /doesn't tell which files it has/,
    );
  });

  it("two that read at once share one download, in one process or in two", async () => {
    const both = await Promise.all([load(), load()]);
    for (const bytes of both) expectBytes(bytes, weights);
    expect(server.servedBytes(WEIGHTS)).toBe(weights.length);
  });

  it("is listed with what is here of all, and removed with its files alone", async () => {
    await load();
    server.repos.set("o/twin", { ...repo(), files: new Map([[WEIGHTS, weights]]) });
    await load(bed, "o/twin");
    expect(server.servedBytes(WEIGHTS)).toBe(weights.length);
    await bed.models.remove(page("o/twin"));
    expectBytes(await load(bed.again()), weights);
    await bed.models.remove(page());
    expect(await bed.models.list()).toEqual([]);
    expect((await bed.store.folders()).filter((name) => name !== "models")).toEqual([]);
    await expect(bed.models.remove(page())).rejects.toThrow(/isn't kept here\. No model is/);
  });
});
