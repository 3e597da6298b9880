import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "triptych-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command whose driver prints a line before anything else, and that then does `inner`. */
async function command(inner: string, onStart = (_child: ChildProcess) => {}) {
  const script = path.join(folder, "command.mjs");
  const module = JSON.stringify(path.join(import.meta.dirname, "driver-lines.mjs"));
  const lines = [
    'import { writeSync } from "node:fs";',
    `import { beInner, isOuter, runApart } from ${module};`,
    `if (isOuter()) await runApart(); else { beInner(); writeSync(2, "WARNING: driver\\n"); ${inner} }`,
  ];
  writeFileSync(script, lines.join("\n"));
  const child = spawn(process.execPath, [script, "a", "b"]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  onStart(child);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...ended) => resolve(ended));
  });
  return { out, err, code, signal };
}

describe.skipIf(process.platform === "win32")("a command apart from its drivers' lines", () => {
  it("has its arguments, its own errors and exit code, and not the drivers' lines", async () => {
    const ended = await command(
      'console.log(process.argv.slice(2).join()); console.error("triptych: no"); process.exit(2);',
    );
    expect(ended).toEqual({ out: "a,b\n", err: "triptych: no\n", code: 2, signal: null });
    expect(await command("process.exit(0);")).toEqual({ out: "", err: "", code: 0, signal: null });
  });

  it("shows all there is where it crashed", async () => {
    const { err, code } = await command('throw new Error("unforeseen");');
    expect(code).toBe(1);
    expect(err).toMatch(/WARNING: driver[\s\S]*unforeseen/);
    expect((await command("process.abort();")).err).toContain("WARNING: driver");
  });

  it("is interrupted and ended through the process that was started, also where that one is killed", async () => {
    const waiting = 'process.on("SIGINT", () => process.exit(130)); setInterval(() => {}, 1000); console.log(1);';
    for (const [sent, expected] of [
      ["SIGINT", { code: 130, signal: null }],
      ["SIGTERM", { code: null, signal: "SIGTERM" }],
      ["SIGKILL", { code: null, signal: "SIGKILL" }],
    ] as const) {
      // The inner process holds the pipes too: they close when both have ended.
      const ended = await command(waiting, (child) => child.stdout?.once("data", () => child.kill(sent)));
      expect(ended).toMatchObject({ ...expected, err: "" });
    }
  });
});
