import type { ExtensionKey } from "./extension.js";
import type { ForwardRequest } from "./forward.js";
import type { Questions } from "./questions/index.js";

/**
 * What else than a question a session may be asked for, and a backend may lack. In a request: `parents`, `rank` and `segments` in
 * `attend`, `positions`, `slots`. Behind it: `Rows.blend`, `Session.keep`, `Session.fork`. `hidden` and `states` come with the extensions
 * that read them.
 */
export const REQUESTS = ["parents", "rank", "segments", "positions", "slots", "blend", "keep", "fork"] as const;

/** One of `REQUESTS`. */
export type SessionRequest = (typeof REQUESTS)[number];

/**
 * What a decoder asks of a session and a backend may lack: a question by its kind, a request by its name, what stands beside a session by
 * its key. Forwards that read causally, whole or by blocks aren't listed: how a model reads is a capability of its own.
 */
export type Ask = keyof Questions | SessionRequest | ExtensionKey<unknown>;

/** The name by which `Capabilities.answers` lists it. */
export function nameOf(ask: Ask): string {
  return typeof ask === "string" ? ask : ask.extension;
}

/** Which of `REQUESTS` a forward makes. */
export function requestsIn({ attend, positions, slots }: ForwardRequest): SessionRequest[] {
  const made: SessionRequest[] = [];
  if (typeof attend === "object" && "parents" in attend) made.push("parents");
  if (typeof attend === "object" && "rank" in attend) made.push("rank");
  if (typeof attend === "object" && "segments" in attend) made.push("segments");
  if (positions) made.push("positions");
  if (slots) made.push("slots");
  return made;
}
