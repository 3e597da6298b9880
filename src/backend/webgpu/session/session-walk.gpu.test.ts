import { expect, it } from "vitest";
import { STATES } from "../../../extension/states/key.js";
import { fileSource } from "../../../format/file-source.js";
import type { Session } from "../../../seam/session.js";
import { fileDevice } from "../../../testing/file-device.js";
import { walk } from "../../../testing/session-walk.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import { StateStore } from "./state-store.js";

const gpu = await fileDevice();

async function statesOf(session: Session, count: number): Promise<Uint32Array> {
  const store = session.beside(STATES);
  if (!(store instanceof StateStore)) throw new Error("no store of this backend");
  return new Uint32Array(await gpu.queue.read(store.table.states, 0, count * store.table.rowBytes));
}

// Windows in all layers; in most, with positions of their own and norms behind; learned positions; layers that know none.
it.each([
  ["mistral", 1],
  ["gemma3_text", 2],
  ["gpt2", 3],
  ["smollm3", 4],
])(
  "forks, kept rows, sets, states and cuts go together on %s: whatever a session has done, it is one that read its text anew, bit for bit",
  async (name, seed) => {
    const source = fileSource(`tests/fixtures/models/${name}`);
    const model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: 72 });
    // The first session of a device makes what all of them share.
    model.session().dispose();
    const { bufferCount } = gpu.arena;
    await walk({ model, seed, numSteps: 40, context: 70, statesOf });
    expect(gpu.arena.bufferCount).toBe(bufferCount);
    model.dispose();
  },
);
