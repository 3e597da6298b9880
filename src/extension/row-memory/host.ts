import { defineHostPart } from "../../backend/host/part.js";
import { HostMemory } from "../../backend/host/stores.js";
import type { MemoryRoom } from "./key.js";

/** A new memory whenever it is asked for. */
export const hostRowMemory = defineHostPart("row-memory", (_, { rule }: MemoryRoom) => new HostMemory(rule));
