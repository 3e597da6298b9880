import { RowMemoryStore } from "../../backend/webgpu/ops/row-memory.js";
import { definePart } from "../../backend/webgpu/session/part.js";
import type { MemoryRoom } from "./key.js";

/** One memory a session, emptied whenever it is asked for. */
export const rowMemory = definePart("row-memory", ({ sequence }) => {
  const { model, arena } = sequence;
  const store = new RowMemoryStore(model.gpu, arena, model.capabilities.vocabSize);
  return { one: ({ rule }: MemoryRoom) => store.restart(rule) };
});
