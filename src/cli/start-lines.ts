import { AUTO, type ModelDevice } from "../vocabulary/device.js";
import type { StartEvent } from "../vocabulary/events.js";
import { announce } from "./output.js";

/** Whose law the text has, in one line. */
function lawLine({ fidelity, law, boundNats }: StartEvent): string {
  const bound = boundNats === undefined ? "" : ` At most ${boundNats} nats are lost in each step.`;
  return `${fidelity}: ${law.sentence}${bound}`;
}

/** Where the text is written, and why there, in one line. */
function deviceLine({ name, description, why }: ModelDevice): string {
  return `device ${name} (${description}): ${why}`;
}

/** Says on standard error what a run's text is, and where it is written unless `device` says so. */
export function tellStart(event: StartEvent, device: string = AUTO): void {
  announce(lawLine(event));
  if (event.device && device === AUTO) announce(deviceLine(event.device));
}
