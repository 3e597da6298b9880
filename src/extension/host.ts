import type { HostPart, MockTrunk } from "../backend/host/part.js";
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

/** What stands beside sessions on any backend whose questions the CPU answers. */
export const HOST_PARTS: readonly HostPart[] = [
  hostEarlyExits,
  hostLaws,
  hostRowMemory,
  hostStates,
  hostTextDrafts,
  hostTwin,
];

/** What stands beside a mock's sessions: it needs no weights for what others are loaded with. */
export const MOCK_PARTS: readonly HostPart<MockTrunk>[] = [
  ...HOST_PARTS,
  hostEagle,
  hostJointSampler,
  hostLengthPolicy,
  hostMaskTokens,
];
