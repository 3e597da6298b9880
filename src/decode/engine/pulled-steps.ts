import type { Step } from "../decoder.js";
import { type Work, workBetween } from "./metrics.js";

/** A pulled step that isn't applied yet. */
export interface Pulled {
  step: Step;
  /** Null while it waits for others to be read with, and where the step needs no result. */
  value: Promise<unknown> | null;
  work: Work;
}

/** Steps that were pulled and aren't applied yet, oldest first. Their results are asked for in groups, on `send`. */
export class PulledSteps {
  readonly all: Pulled[] = [];
  private unsent: Pulled[] = [];

  /** `work`: what the sessions have done so far; asking for a result adds to it. */
  constructor(private readonly work: () => Work) {}

  /** Results that aren't asked for yet. */
  get numUnsent(): number {
    return this.unsent.length;
  }

  /** Whether the oldest step's result is among them. */
  get isOldestUnsent(): boolean {
    return this.unsent.length > 0 && this.unsent[0] === this.all[0];
  }

  push(step: Step, work: Work): void {
    const pulled: Pulled = { step, value: null, work };
    this.all.push(pulled);
    if (step.after) this.unsent.push(pulled);
  }

  /** Forgets all of them; what they were. */
  drop(): Pulled[] {
    this.unsent = [];
    return this.all.splice(0);
  }

  /** Asks for the results that aren't asked for yet, in one go: they share a submit and a map. */
  send(): void {
    for (const pulled of this.unsent) {
      const before = this.work();
      pulled.value = pulled.step.after?.read() ?? null;
      // A read that fails is reported where it is awaited, if the run gets there.
      pulled.value?.catch(() => undefined);
      pulled.work.readbackBytes += workBetween(before, this.work()).readbackBytes;
    }
    this.unsent = [];
  }
}
