import { it } from "vitest";
import { hashedLaw } from "../../testing/laws.js";
import { walk } from "../../testing/session-walk.js";
import { mockModel } from "./mock.js";

it.each([1, 2, 3, 4, 5, 6])(
  "forks, kept rows, sets, states and cuts go together: whatever a session has done, it is one that read its text anew (walk %i)",
  async (seed) => {
    const model = mockModel({ law: hashedLaw(1, 11), capabilities: { vocabSize: 11, maxLength: 64 } });
    await walk({ model, seed, numSteps: 60, context: 60 });
  },
);
