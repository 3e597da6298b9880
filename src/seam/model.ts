import type { Capabilities } from "./capabilities.js";
import type { Session } from "./session.js";

/** A loaded model: makes sessions. */
export interface Model {
  readonly name: string;
  readonly capabilities: Capabilities;
  session(): Session;
  dispose(): void;
}
