import { afterEach, expect, it, vi } from "vitest";
import { PRESETS } from "../vocabulary/presets.js";
import { runCommand } from "./command.js";

afterEach(() => vi.restoreAllMocks());

async function printed(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  for (const [stream, name] of [
    [process.stdout, "out"],
    [process.stderr, "err"],
  ] as const) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    });
  }
  return { code: await runCommand(["models", "presets", ...args]), ...texts };
}

it("prints each preset's models with what they fetch and take, and how to read them", async () => {
  const { code, out } = await printed();
  expect(code).toBe(0);
  for (const { name, models } of PRESETS) {
    expect(out).toContain(`${name}: `);
    for (const { model } of models) expect(out).toContain(model);
  }
  expect(out).toMatch(
    /dllm-hub\/Qwen3-0\.6B-diffusion-bd3lm-v0\.1 --trained-block 32: fetches 1\.5 ?GB; weights 1\.2 ?GB \(q8/,
  );
});

it("prints one as JSON, and refuses others by the names there are", async () => {
  expect(JSON.parse((await printed("gpt2", "--json")).out)).toEqual(PRESETS.find(({ name }) => name === "gpt2"));
  expect(await printed("llama")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no preset "llama".*stories, qwen3-0\.6b, smollm2-360m, gpt2/),
  });
});
