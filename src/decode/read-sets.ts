import { endOf } from "../vocabulary/prompt.js";
import type { Canvas } from "../vocabulary/canvas.js";
import type { Session } from "../seam/session.js";

/** Has a session read a canvas up to behind its last set, as far as it hasn't; what stands behind is read causally. */
export function readSets(session: Session, canvas: Canvas): void {
  const ids = canvas.ids();
  for (const set of canvas.sets) {
    // A session never holds a part of a set.
    if (session.length > set.start) continue;
    const before = ids.slice(session.length, set.start);
    if (before.length > 0) session.forward({ tokens: before, attend: "causal", rows: [], keep: before.length });
    const tokens = ids.slice(set.start, endOf(set));
    session.forward({ tokens, attend: { segments: set.lengths }, rows: [], keep: tokens.length });
  }
}
