import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { BUILT, buildLibrary } from "./browser.js";
import { MissingPrerequisite } from "./missing.js";

/** What `--against` compares; a null `newer` is the sources as they lie in the folder. */
export interface Range {
  older: string;
  newer: string | null;
}

/** One side of a comparison, built. */
export interface Revision {
  /** What a reader needs to find the sources again. */
  title: string;
  /** Folder of `index.js`. */
  dist: string;
}

/** Reads `REF`, or `OLD..NEW` as git writes ranges. */
export function parseRange(text: string): Range {
  const [older, newer, ...rest] = text.split("..");
  if (!older || newer === "" || rest.length > 0 || text.includes("...")) {
    throw new Error(`--against takes a revision like HEAD~1, or two of them like HEAD~3..HEAD~1, not "${text}"`);
  }
  return { older, newer: newer ?? null };
}

/** Packages of a lock file (its parsed text) that `installed` lacks or has in another version. */
export function missingPackages(wanted: Lock, installed: Lock): string[] {
  return Object.entries(wanted.packages)
    .filter(([name, { version }]) => name !== "" && installed.packages[name]?.version !== version)
    .map(([name, { version }]) => `${name.replace(/^.*node_modules\//, "")} ${version}`);
}

/** The part of `package-lock.json` that matters here. */
export interface Lock {
  packages: Record<string, { version?: string }>;
}

function git(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status === 0) return stdout.trim();
  throw new MissingPrerequisite(`git ${args[0]} failed: ${(stderr || String(error)).trim().split("\n")[0]}`);
}

/** Builds both sides: committed revisions from a worktree that goes away again, each only once. */
export async function buildRange({ older, newer }: Range): Promise<{ older: Revision; newer: Revision }> {
  return { older: await buildCommit(older), newer: newer ? await buildCommit(newer) : await buildSources() };
}

async function buildSources(): Promise<Revision> {
  const dist = path.join(BUILT, "dist");
  await buildLibrary(root, dist);
  const isChanged = git(["status", "--porcelain", "--", "src", "shaders", "package-lock.json"]) !== "";
  return { title: `${git(["rev-parse", "--short", "HEAD"])}${isChanged ? " with uncommitted changes" : ""}`, dist };
}

async function buildCommit(ref: string): Promise<Revision> {
  const sha = git(["rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`]);
  const dist = path.join(BUILT, "revisions", sha);
  const revision = { title: sha.slice(0, 7), dist };
  if (existsSync(path.join(dist, "index.js"))) return revision;
  checkLock(sha, ref);
  say(`building ${ref} (${revision.title}) …`);
  const worktree = path.join(root, ".cache/worktrees", `${sha}-${process.pid}`);
  mkdirSync(path.dirname(worktree), { recursive: true });
  git(["worktree", "add", "--detach", "--force", worktree, sha]);
  try {
    symlinkSync(path.join(root, "node_modules"), path.join(worktree, "node_modules"), "junction");
    await buildLibrary(worktree, dist);
  } catch (error) {
    rmSync(dist, { recursive: true, force: true });
    throw error;
  } finally {
    // The link first: nothing may ever delete through it.
    rmSync(path.join(worktree, "node_modules"), { force: true });
    git(["worktree", "remove", "--force", worktree]);
  }
  return revision;
}

// Both sides are built from one node_modules, so it must hold what the other revision was made with.
function checkLock(sha: string, ref: string): void {
  const installed: Lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const missing = missingPackages(JSON.parse(git(["show", `${sha}:package-lock.json`])), installed);
  if (missing.length === 0) return;
  const some = missing.slice(0, 3).join(", ");
  throw new MissingPrerequisite(
    `${ref} was made with other dependencies than are installed (${some}${missing.length > 3 ? ", …" : ""}): ` +
      "its figures wouldn't be of its own build. Compare with a revision after that change.",
  );
}
