import { definePart } from "../../backend/webgpu/session/part.js";
import { LawStore } from "../../backend/webgpu/ops/laws.js";
import type { LawsRoom } from "./key.js";

/** Law buffers by chain shape, reused between runs. */
export const laws = definePart("laws", ({ sequence }) => {
  const stores = new Map<string, LawStore>();
  return {
    one({ numDrafts, numChains, isDistinct }: LawsRoom): LawStore {
      const chains = `${numChains} ${isDistinct}`;
      const known = stores.get(chains);
      if (known && known.numDrafts >= numDrafts) return known;
      const { vocabSize } = sequence.model.capabilities;
      const store = new LawStore(sequence.arena, vocabSize, numDrafts, numChains, isDistinct);
      stores.set(chains, store);
      return store;
    },
  };
});
