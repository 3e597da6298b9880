import { DeviceLostError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import type { Model } from "../seam/model.js";
import type { Recovery, RunSessions } from "../decode/engine/request.js";

/**
 * Devices of a rehearsal that are lost when a test says so: what is recorded on a lost one is taken, as a GPU takes it, and every
 * read fails. `make`: the models of a device, whose results take as long as `latency`.
 */
export class Losses {
  /** Devices that were lost so far. */
  count = 0;
  private isLost = false;
  readonly models: { target: Model; draft?: Model };

  constructor(private readonly make: (latency: () => Promise<void>) => { target: Model; draft?: Model }) {
    this.models = this.open();
  }

  /** Loses the device that is in use. */
  lose(): void {
    this.isLost = true;
  }

  /** Loses a device after each of the steps that `isLast` names, counted from 1; 0 is before the first. */
  after(isLast: (numSteps: number) => boolean): (event: GenerationEvent) => void {
    let numSteps = 0;
    return ({ type }) => {
      if (type === "step") numSteps++;
      if ((type === "step" || type === "start") && isLast(numSteps)) this.lose();
    };
  }

  readonly recovery: Recovery = {
    reasonOf: async (error) => (error instanceof DeviceLostError ? error.message : null),
    renew: async (): Promise<RunSessions> => {
      const { target, draft } = this.open();
      return { target: target.session(), draft: draft?.session() };
    },
  };

  private open() {
    this.isLost = false;
    const device = ++this.count;
    return this.make(async () => {
      if (this.isLost || device !== this.count) throw new DeviceLostError(`device ${device} was destroyed`);
    });
  }
}
