import type { Part } from "../backend/webgpu/session/part.js";
import { earlyExits } from "./early-exit/webgpu.js";
import { laws } from "./laws/webgpu.js";
import { rowMemory } from "./row-memory/webgpu.js";
import { states } from "./states/webgpu.js";
import { textDrafts } from "./text-drafts/webgpu.js";
import { twin } from "./twin/webgpu.js";

/** What every model on WebGPU has beside its sessions; the others come with what it is loaded with. */
export const BUILT_IN: readonly Part[] = [twin, earlyExits, textDrafts, laws, rowMemory, states];
