import { constants, copyFileSync, cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "vite";
import { root } from "../../scripts/setup.mjs";
import { MissingPrerequisite } from "../missing.js";

/** Most that the packed folder may take without the models. */
export const MAX_PACKED_BYTES = 32 * 2 ** 20;

/** Name of the folder, and of what is in the archives. */
export const NAME = "triptych-portable";

/** Models that the report loads. */
export const MODELS = ["story-ar", "story-draft", "story-diffusion"];

/** Where Debian and others put the Vulkan loader. */
const LOADERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/chromium"].map((folder) =>
  path.join(folder, "libvulkan.so.1"),
);
const NODE_LICENCES = ["/usr/share/doc/nodejs", path.join(path.dirname(process.execPath), "..")].map((folder) =>
  path.join(folder, "LICENSE"),
);

/** A file or folder that goes in as it is. */
export interface Copied {
  from: string;
  to: string;
  /** The report runs without it. */
  isOptional?: true;
}

/** Everything that is copied; what Vite builds comes on top (`BUILT`). */
export function copied(): Copied[] {
  const webgpu = path.join(root, "node_modules/webgpu");
  const dawn = `dist/${process.platform}-${process.arch}/dawn.node`;
  const found = (files: readonly string[]) => files.find((file) => existsSync(file)) ?? files[0];
  return [
    { from: process.execPath, to: "node" },
    { from: found(NODE_LICENCES), to: "LICENSE-node", isOptional: true },
    // Drivers come without it on some machines, and Dawn finds none of them then.
    { from: found(LOADERS), to: "lib/libvulkan.so.1", isOptional: true },
    ...["package.json", "index.js", "LICENSE.md", dawn].map((file) => ({
      from: path.join(webgpu, file),
      to: `node_modules/webgpu/${file}`,
    })),
    { from: path.join(root, "tests/fixtures/models"), to: "fixtures" },
    ...["LICENSE", "NOTICE"].map((file) => ({ from: path.join(root, file), to: file })),
    ...MODELS.map((name) => ({ from: path.join(root, "public/models", name), to: `models/${name}` })),
  ];
}

/** What Vite builds into it, by its modes. */
export const BUILT = { cli: "cli.js", portable: "report.js" } as const;

const RUN = `#!/bin/sh
# Measures this machine's GPU; ./run.sh --help says more. Needs a Vulkan driver (and glibc): no npm, no Node.
here=$(dirname "$(readlink -f "$0")")
ldconfig -p 2>/dev/null | grep -q libvulkan.so.1 || export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/node" "$here/report.js" "$@"
`;

const README = `Triptych, to be measured on a GPU: for Linux on x86-64 with a Vulkan driver. Nothing is installed, nothing is sent.

  ./run.sh                 writes triptych-report.md and .json here: some minutes on a GPU; send them both
  ./run.sh --help          fewer rounds, some sections, another name
  ./node cli.js --help     the command line of Triptych: ./node cli.js run --model models/story-ar --prompt "Once"

A section that fails is in the report as failed, and the others go on. Ctrl+C stops it; what is done is in the report.
`;

/** Makes the folder anew. Throws `MissingPrerequisite` where something isn't on this machine. */
export async function makeFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const mode of Object.keys(BUILT)) {
    const configFile = path.join(root, "vite.config.ts");
    await build({ root, configFile, mode, logLevel: "warn", build: { outDir: folder, emptyOutDir: false } });
  }
  for (const { from, to, isOptional } of copied()) {
    if (!existsSync(from)) {
      if (isOptional) continue;
      throw new MissingPrerequisite(
        `${path.basename(from)} isn't there (${path.relative(root, from)}): npm ci brings it`,
      );
    }
    const target = path.join(folder, to);
    mkdirSync(path.dirname(target), { recursive: true });
    if (statSync(from).isDirectory()) cpSync(from, target, { recursive: true });
    else copyFileSync(from, target, constants.COPYFILE_FICLONE);
  }
  writeFileSync(path.join(folder, "run.sh"), RUN, { mode: 0o755 });
  writeFileSync(path.join(folder, "README.txt"), README);
  // The built files are modules.
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module", "private": true }\n');
}

/** Throws when the packed folder, without its models, is larger than it may be. */
export function checkPacked(byteLength: number): void {
  if (byteLength <= MAX_PACKED_BYTES) return;
  throw new Error(`the packed folder has ${byteLength} bytes without the models; at most ${MAX_PACKED_BYTES}`);
}
