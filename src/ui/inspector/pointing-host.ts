import type { ReactiveControllerHost } from "lit";

/** The element whose tokens are pointed at. */
export interface PointingHost extends ReactiveControllerHost {
  readonly shadowRoot: ShadowRoot | null;
  readonly busy: boolean;
}
