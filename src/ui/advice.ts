const ADVICE: Record<string, readonly string[]> = {
  unsupported_device: [
    "Choose the device “auto”: it takes any that works.",
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

/** Where an error's own message is for developers. */
const PLAIN: Record<string, string> = {
  no_infill: "It writes on from the end of a prompt and can't fill holes.",
  no_sets: "It can't read the sets of a prompt.",
  unsupported_device: "This browser can't run the models on the device that was asked for, so no text was written.",
};

/** What has happened, for anyone; `null` where the error's own message says it. */
export function plainWords(code: string): string | null {
  return PLAIN[code] ?? null;
}

/** What a person can do about an error, in steps; empty when there is nothing to add to its message. */
export function adviceFor(code: string): readonly string[] {
  return ADVICE[code] ?? [];
}
