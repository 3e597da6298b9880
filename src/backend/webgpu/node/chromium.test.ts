import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findChromium, findSwiftShader } from "./chromium.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "triptych-chromium-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function program(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

test.runIf(process.platform === "linux")("a name on PATH that doesn't start is passed over", () => {
  program(path.join(folder, "chromium"), "#!/bin/sh\nexit 1\n");
  const real = program(path.join(folder, "google-chrome"), "#!/bin/sh\necho Chromium 1\n");
  vi.stubEnv("CHROMIUM", "");
  vi.stubEnv("PATH", folder);
  expect(findChromium()).toBe(real);
});

test("CHROMIUM that names no program is an error, not passed over", () => {
  vi.stubEnv("CHROMIUM", path.join(folder, "nothing"));
  expect(() => findChromium()).toThrow(folder);
});

test.skipIf(process.platform === "win32")("SwiftShader is found behind a start script, as Debian lays it out", () => {
  const script = program(path.join(folder, "bin/chromium"), "#!/bin/sh\n");
  const library = path.join(folder, "lib/chromium");
  program(path.join(library, "vk_swiftshader_icd.json"), "{}");
  expect(findSwiftShader(script)).toEqual({ icd: path.join(library, "vk_swiftshader_icd.json"), loader: null });
  program(path.join(library, "libvulkan.so.1"), "");
  expect(findSwiftShader(script)?.loader).toBe(path.join(library, "libvulkan.so.1"));
});
