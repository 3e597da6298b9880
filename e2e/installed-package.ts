// The package as people install it: packed, put into an empty project by npm, and served from there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "./on-webgpu.js";
import { serveStatic } from "../scripts/static-server.mjs";

/** Root folder of this repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));
const isWindows = process.platform === "win32";

/** An empty project in which the packed package is installed. */
export class Project {
  readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "triptych-package-")));

  constructor() {
    this.npm(["pack", "--ignore-scripts", "--pack-destination", this.folder], root);
    const [tarball] = readdirSync(this.folder);
    this.write("package.json", JSON.stringify({ name: "empty", private: true, type: "module" }));
    this.npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], this.folder);
  }

  /** The installed package. */
  get package(): string {
    return path.join(this.folder, "node_modules/triptych-lm");
  }

  write(file: string, text: string): string {
    const full = path.join(this.folder, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  }

  /** What a module prints that Node runs in the project. */
  node(code: string): string {
    const options = { cwd: this.folder, encoding: "utf8" } as const;
    return execFileSync(process.execPath, ["--input-type=module", "-e", code], options).trim();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private npm(args: string[], cwd: string): void {
    execFileSync("npm", args, { cwd, shell: isWindows, stdio: ["ignore", "ignore", "pipe"] });
  }
}

/** Playwright's `test` with one such project, and the address of the models on an origin of their own. */
export const test = base.extend<object, { project: Project; models: string }>({
  project: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
    async ({}, use) => {
      const project = new Project();
      await use(project);
      project.remove();
    },
    { scope: "worker" },
  ],
  models: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
    async ({}, use) => {
      const server = await serveStatic({ root: path.join(root, "public/models") });
      await use(server.url);
      await server.close();
    },
    { scope: "worker" },
  ],
});

/** Serves a page of this head and body and further files, beside the installed package's `dist`. */
export async function servePage(
  project: Project,
  head: string,
  body: string,
  files: Record<string, string> = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(path.join(project.folder, "page-"));
  const start = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>`;
  writeFileSync(path.join(folder, "index.html"), `${start}${head}</head><body>${body}</body></html>`);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return serveStatic({ root: folder, mounts: { "/dist/": path.join(project.package, "dist") } });
}
