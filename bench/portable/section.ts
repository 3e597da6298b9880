import type { Gpu } from "../../src/backend/webgpu/gpu/device.js";

/** What a section of the report measures with. */
export interface Context {
  /** A device of the section's own. */
  gpu: Gpu;
  /** Where the folders `models` and `fixtures` are. */
  folder: string;
  /** Rounds that count. */
  rounds: number;
  /** Layers of the model of random weights; null: all on a GPU, few on a software adapter. */
  layers: number | null;
  /** What earlier sections found, by their names; what failed or didn't run isn't there. */
  earlier: Readonly<Record<string, unknown>>;
  /** Tells how far it is. */
  say(text: string): void;
}

/** One part of the report: plain data, and Markdown of it. */
export interface Section<T = unknown> {
  name: string;
  title: string;
  run(context: Context): Promise<T>;
  /** Of `run`'s data after a way through JSON. */
  lines(data: T): string[];
}

/** A section by itself: whoever holds several of them needn't know what each finds. */
export function defineSection<T>(section: Section<T>): Section {
  return section as Section;
}

/** Why a section makes no sense on this machine, which is no failure. */
export class NotRun extends Error {
  override name = "NotRun";
}
