import { html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { AUTO, DeviceName } from "../vocabulary/device.js";
import { deskWords } from "./words/first.js";

/** Names of devices, and what each is. */
const ABOUT: Readonly<Record<typeof AUTO | Exclude<DeviceName, "node">, string>> = {
  auto: "WebGPU on a real GPU, else the fastest that gives right numbers",
  webgpu: "WebGPU, Triptych's own kernels",
  wasm: "ONNX Runtime's WebAssembly, on the CPU",
  webnn: "ONNX Runtime on WebNN",
  "onnx-webgpu": "ONNX Runtime's WebGPU kernels",
};

/** Where a page's models may run. */
export const DEVICES: readonly string[] = Object.keys(ABOUT);

/** The choice of the device on which models run. */
export function renderDeviceMenu(device: string, isBusy: boolean, onChange: (device: string) => void): TemplateResult {
  return html`<label class="field"><span>${deskWords.device}</span>
    <select name="device" ?disabled=${isBusy} .value=${live(device)}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
      ${Object.entries(ABOUT).map(([name, about]) => html`<option value=${name} title=${about} ?selected=${name === device}>${name}</option>`)}
    </select></label>`;
}
