import type { HostPart } from "../backend/host/part.js";
import { hostEagle } from "./eagle/host.js";
import { hostEarlyExits } from "./early-exit/host.js";
import { hostJointSampler } from "./joint-sampler/host.js";
import { hostLaws } from "./laws/host.js";
import { hostLengthPolicy } from "./length-policy/host.js";
import { hostMaskTokens } from "./mask-tokens/host.js";
import { hostRowMemory } from "./row-memory/host.js";
import { hostStates } from "./states/host.js";
import { hostTextDrafts } from "./text-drafts/host.js";
import { hostTwin } from "./twin/host.js";

/** What stands beside sessions on the CPU. */
export const HOST_PARTS: readonly HostPart[] = [
  hostEagle,
  hostEarlyExits,
  hostJointSampler,
  hostLaws,
  hostLengthPolicy,
  hostMaskTokens,
  hostRowMemory,
  hostStates,
  hostTextDrafts,
  hostTwin,
];
