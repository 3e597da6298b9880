import { defineHostPart } from "../../backend/host/part.js";
import { HostLaws } from "../../backend/host/stores.js";
import type { LawsRoom } from "./key.js";

/** Laws as arrays of float64. */
export const hostLaws = defineHostPart("laws", (_, { numDrafts, numChains, isDistinct }: LawsRoom) => {
  return new HostLaws(numDrafts, numChains, isDistinct);
});
