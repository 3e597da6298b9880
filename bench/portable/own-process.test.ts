import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ended } from "./outcome.js";
import { type Request, startProcess } from "./own-process.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "triptych-section-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REQUEST: Request = { name: "speed", folder: "", rounds: 1, layers: null, earlier: { adapter: { copied: 2 } } };

/** How a process ends that does this with `request`. */
async function ended(code: string): Promise<{ end: Ended; said: string[] }> {
  const program = path.join(folder, "section.mjs");
  writeFileSync(program, `process.once("message", (request) => { ${code} });`);
  const said: string[] = [];
  return { end: await startProcess(REQUEST, (text) => said.push(text), program).ended, said };
}

describe("a section's process", () => {
  it("is told what is asked, says how far it is, and ends with what it found", async () => {
    const tell = "process.send({ ended: { data: [process.argv[2], request] } }, () => process.exit(0));";
    const { end, said } = await ended(`process.send({ say: "half" }); ${tell}`);
    expect(end).toEqual({ data: ["--section", REQUEST] });
    expect(said).toEqual(["half"]);
  });

  it("that a driver takes with it has failed, by what ended it and what was printed last", async () => {
    const { end } = await ended(
      'console.error("driver: fault"); setTimeout(() => process.kill(process.pid, "SIGSEGV"), 50);',
    );
    expect(end).toEqual({ status: "failed", why: "its process ended by SIGSEGV; its last line was: driver: fault" });
    expect((await ended("process.exit(7);")).end).toEqual({ status: "failed", why: "its process ended with code 7" });
  });

  it("can be stopped", async () => {
    const program = path.join(folder, "endless.mjs");
    writeFileSync(program, "setInterval(() => {}, 1000);");
    const running = startProcess(REQUEST, () => {}, program);
    running.stop();
    expect(await running.ended).toMatchObject({ status: "failed", why: expect.stringContaining("SIGKILL") });
  });
});
