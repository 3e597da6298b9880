// A device that goes away under a run, as when a driver is reset: whoever waits for it or asks it later is told so by one error.
import { expect, it } from "vitest";
import { autoregressive } from "../../../decode/autoregressive/decoder.js";
import { speculative } from "../../../decode/speculative/decoder.js";
import { rehearse } from "../../../testing/rehearsal.js";
import { tinyModel } from "../../../testing/tiny-model.js";
import { ARGMAX } from "../../../seam/questions/sample.js";
import { toWire } from "../../../vocabulary/errors.js";
import { type Gpu, openDevice } from "../gpu/device.js";

/** The other tests share a device, which is never lost. */
async function openOwn(): Promise<Gpu> {
  const { gpu } = navigator;
  const own: Pick<GPU, "requestAdapter"> = {
    async requestAdapter(options) {
      const adapter = await gpu.requestAdapter(options);
      if (adapter) adapter.requestDevice = Reflect.get(adapter, "requestOwnDevice");
      return adapter;
    },
  };
  return openDevice({ gpu: own as GPU });
}

const LOST = expect.objectContaining({ name: "DeviceLostError", code: "device_lost" });
const CAUSAL = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
const promptIds = [1, 2];
const options = { max_new_tokens: 8, temperature: 1, seed: 4 };

it.each([
  [autoregressive, {}],
  [speculative, { drafter: "prompt-lookup" }],
])(
  "ends a run of $name under way, and what is asked later, with DeviceLostError; a new device writes the same",
  async (decoder, more) => {
    const lost = await openOwn();
    const model = await tinyModel(lost, 3, CAUSAL);
    const run = { decoder, promptIds, options: { ...options, ...more } };
    const whole = await rehearse({ ...run, models: { target: model } });
    const events: string[] = [];
    const failed = rehearse({
      ...run,
      models: { target: model },
      onEvent: (event) => {
        events.push(event.type);
        if (event.type === "step") lost.device.destroy();
      },
    });
    const reason = await failed.then(
      () => null,
      (error: unknown) => error,
    );
    expect(toWire(reason)).toEqual(LOST);
    expect(events.at(-1)).toBe("error");
    // What waits already, and what asks from now on.
    const session = model.session();
    const asked = session.forward({ tokens: [1], attend: "causal", keep: 1 }).ask(ARGMAX);
    for (const wait of [asked.read(), lost.queue.read(lost.results.buffer, 0, 4)].map((one) =>
      one.catch((error: unknown) => error),
    )) {
      expect(toWire(await wait)).toEqual(LOST);
    }
    const gpu = await openOwn();
    const again = await tinyModel(gpu, 3, CAUSAL);
    const { done } = await rehearse({ ...run, models: { target: again } });
    expect(done.ids).toEqual(whole.done.ids);
    gpu.dispose();
  },
);
