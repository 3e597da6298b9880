import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { MissingPrerequisite } from "./missing.js";
import { checkPacked, makeFolder, NAME } from "./portable/folder.js";

const HERE = path.join(root, ".cache/bench");

/** Packs what `args` name, and returns the archive's size in bytes. */
function pack(archive: string, args: readonly string[]): number {
  const env = { ...process.env, XZ_OPT: "-9 -T0" };
  const { status, stderr } = spawnSync("tar", ["-C", HERE, "-cJf", archive, ...args], { env, encoding: "utf8" });
  if (status !== 0) throw new MissingPrerequisite(`tar and xz pack the folder; here they don't (${stderr})`);
  return statSync(archive).size;
}

/** `bench portable`: the folder that measures a machine without npm, and the two archives of it. */
export async function portable(): Promise<boolean> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new MissingPrerequisite(
      "the folder is for Linux on x86-64 and takes this machine's Node: make it on such a one",
    );
  }
  const folder = path.join(HERE, NAME);
  say(`building ${path.relative(root, folder)} …`);
  await makeFolder(folder);
  say("packing …");
  const program = `${folder}.tar.xz`;
  const models = `${folder}-models.tar.xz`;
  const programBytes = pack(program, [`--exclude=${NAME}/models`, NAME]);
  const modelBytes = pack(models, [`${NAME}/models`]);
  checkPacked(programBytes);
  const mebi = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  console.log(`${path.relative(root, program)}: ${mebi(programBytes)}; the models beside it: ${mebi(modelBytes)}.`);
  console.log(
    `On the other machine: tar xf each of them, then ${NAME}/run.sh. Here: ${path.relative(root, folder)}/run.sh`,
  );
  return true;
}
