import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { HubServer } from "../testing/hub-server.js";
import { runCommand } from "./command.js";

const server = new HubServer();
const weights = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
let folder = "";

beforeAll(async () => {
  await server.listen();
  const config = new TextEncoder().encode("{}");
  const files = new Map([
    ["config.json", config],
    ["model.safetensors", weights],
  ]);
  server.repos.set("o/m", { files, lfs: new Set(["model.safetensors"]), commit: "a".repeat(40), license: "mit" });
  folder = await mkdtemp(path.join(os.tmpdir(), "kept-"));
  vi.stubEnv("TRIPTYCH_CACHE", folder);
  vi.stubEnv("HF_ENDPOINT", server.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.close();
  await rm(folder, { recursive: true });
});

/** What a command prints, and how it ends. */
async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const take = (to: keyof typeof said) => (text: unknown, done?: unknown) => {
    said[to] += String(text);
    if (typeof done === "function") done();
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(take("out") as never),
    vi.spyOn(process.stderr, "write").mockImplementation(take("err") as never),
  ];
  try {
    return { code: await runCommand(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

it("models get, list and remove: what is cut goes on, what is kept is listed by what is here, what is gone is gone", async () => {
  server.mishaps.set("model.safetensors", [{ cutAfter: 60_000 }]);
  const got = await cli("models", "get", "o/m");
  expect(got).toMatchObject({ code: 0, out: expect.stringMatching(/\/o\/m\/tree\/main\/: 100 kB in 2 files\n$/) });
  expect(got.err).toMatch(/broke off after \d+ bytes of model\.safetensors/);
  expect((await cli("models", "list")).out).toMatch(/^100 kB +mit +http.*\/o\/m\/tree\/main\/\n$/);
  expect(JSON.parse((await cli("models", "list", "--json")).out)).toMatchObject({
    license: "mit",
    storedBytes: 100_002,
  });
  expect(await cli("models", "remove", "o/none")).toMatchObject({
    code: 2,
    err: expect.stringContaining("isn't kept here"),
  });
  expect(await cli("models", "remove", "o/m")).toEqual({ code: 0, out: "", err: "" });
  expect(await cli("models", "list")).toEqual({
    code: 0,
    out: "",
    err: "Nothing is kept yet: triptych models get owner/name fetches a model.\n",
  });
  expect(await cli("models", "get", "./folder")).toMatchObject({ code: 2 });
  expect((await cli("models")).err).toMatch(/which command\? list, get, remove, presets \(triptych models --help/);
});
