import { AUTO } from "../vocabulary/device.js";

/** The code of the error that says that no device runs models here, or not the one that was asked for. */
export const NO_DEVICE = "unsupported_device";

const ADVICE: Record<string, readonly string[]> = {
  [NO_DEVICE]: [
    "Use a current Chrome, Edge, Safari or Firefox, over https or localhost.",
    "Turn hardware acceleration on in the browser's settings and restart it.",
  ],
  model_load: [
    "Check that the address holds config.json, tokenizer.json and model.safetensors.",
    "Then generate again.",
  ],
  device_lost: ["Close other pages that use the GPU.", "Generate again: the models are loaded onto a new device."],
  out_of_memory: ["Close other pages that use the GPU, or choose a smaller model.", "Then generate again."],
  worker_failed: ["Reload the page."],
  no_infill: ["Diffusion can: see its text, or write a prompt without <mask:…>."],
  no_sets: ["Set-based can: choose it as the decoder, or write a prompt without <set>."],
  holes_too_far: ["Shorten what stands behind the hole, or the hole itself."],
  invalid_option: ["Change it and generate again."],
};

/** Where a device was asked for by name. */
const OTHER_DEVICE = "Choose the device “auto”: it takes any that works.";

/** Where an error's own message is for developers. */
const PLAIN: Record<string, string> = {
  no_infill: "It writes on from the end of a prompt and can't fill holes.",
  no_sets: "It can't read the sets of a prompt.",
  [NO_DEVICE]: "This browser can't run the models, so no text was written.",
};

/** Whether the error is of a device that no browser's settings bring: its message says what it needs, for anyone. */
export function isSaid(code: string, device: string): boolean {
  return code === NO_DEVICE && device !== AUTO && device !== "webgpu";
}

/** What has happened, for anyone; `null` where the error's own message says it. `device`: the one that was asked for. */
export function plainWords(code: string, device: string = AUTO): string | null {
  if (code === NO_DEVICE && device !== AUTO) {
    return `This browser can't run the models on the device that was asked for (${device}), so no text was written.`;
  }
  return PLAIN[code] ?? null;
}

/** What a person can do about an error, in steps; empty when there is nothing to add to its message. `device`: the one that was asked for. */
export function adviceFor(code: string, device: string = AUTO): readonly string[] {
  const steps = ADVICE[code] ?? [];
  if (code !== NO_DEVICE || device === AUTO) return steps;
  return [OTHER_DEVICE, ...(isSaid(code, device) ? [] : steps)];
}
