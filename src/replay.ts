import { ReplayElement } from "./ui/trace-player/replay-element.js";

/** `<triptych-replay>`: plays a trace of a race, without models, a worker or a GPU. */
export { ReplayElement } from "./ui/trace-player/replay-element.js";
/** The strict reader of traces. */
export { checkTrace, readTrace } from "./ui/trace/read-trace.js";
/** A trace, and why one isn't read. */
export { type Trace, TraceError, type TracePane } from "./ui/trace/trace.js";

/** Detail of `triptych-replay`. */
export interface ReplayMoment {
  position: number;
  numMoments: number;
  /** Since the runs began, by the time in which each held its device. */
  atMs: number;
}

declare global {
  interface HTMLElementTagNameMap {
    "triptych-replay": ReplayElement;
  }
  interface GlobalEventHandlersEventMap {
    "triptych-replay": CustomEvent<ReplayMoment>;
  }
}

// A server has no registry. Two bundles on one page may both define, and the first one wins.
const registry = globalThis.customElements as CustomElementRegistry | undefined;
if (!registry?.get("triptych-replay")) registry?.define("triptych-replay", ReplayElement);
