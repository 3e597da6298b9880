import { html, nothing, type TemplateResult } from "lit";
import type { ModelInfo } from "../worker/client.js";
import type { Pane } from "./pane.js";

/** What runs on a device: a model, or a pane whose run has its models elsewhere. */
export type OnDevice = Pick<ModelInfo, "name" | "device">;

/** On which device models run and why, in a line for each device; nothing while none is loaded. */
export function renderRunsOn(infos: readonly OnDevice[]): TemplateResult | typeof nothing {
  const names = new Map<string, Set<string>>();
  for (const { device, name } of infos) {
    const words = deviceWords(device);
    names.set(words, (names.get(words) ?? new Set()).add(name));
  }
  if (names.size === 0) return nothing;
  const whose = (own: Set<string>) => (names.size > 1 ? `${[...own].join(", ")}: runs on ` : "Runs on ");
  return html`<div part="runs-on" class="runs-on">${[...names].map(
    ([words, own]) => html`<p>${whose(own)}${words}</p>`,
  )}</div>`;
}

/** On which device panes' models run, and why: models of two devices write together on one of them. */
export function renderDevicesOf(panes: readonly Pane[]): TemplateResult | typeof nothing {
  const infos = panes.flatMap(({ modelInfos }) => modelInfos);
  const elsewhere = panes.flatMap(({ label: name, device, modelInfos: [model] }) =>
    device && model && device.name !== model.device.name ? [{ name, device }] : [],
  );
  return renderRunsOn([...infos, ...elsewhere]);
}

/** A device by its name, what computes there, and why it was taken; a software adapter is named as what it is. */
function deviceWords({ name, description, isSoftware, why }: ModelInfo["device"]): string {
  const software = name === "webgpu" && isSoftware ? ", a software adapter: figures are of a CPU" : "";
  return `${name}: ${description}${software}. ${why}`;
}
