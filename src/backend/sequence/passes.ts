import type { ForwardRequest } from "../../seam/forward.js";
import { invariant } from "../../vocabulary/errors.js";

/** A pass of a forward. */
export interface Pass {
  request: ForwardRequest;
  /** Rows of the forward that passes before this one have kept. */
  from: number;
}

/** The passes of at most `maxRows` rows that a forward is cut in; the last one has its logit rows. */
export function passesOf(request: ForwardRequest, maxRows: number): Pass[] {
  const { tokens, attend, states, keep, rows = "last" } = request;
  if (tokens.length <= maxRows) return [{ request, from: 0 }];
  const start = Math.floor((tokens.length - 1) / maxRows) * maxRows;
  invariant(
    rows === "last" || (rows !== "all" && rows.every((row) => row >= start)),
    "logits of a cut prompt: last only",
  );
  const passes = Array.from({ length: start / maxRows }, (_, i): Pass => {
    const from = i * maxRows;
    return { request: { tokens: tokens.slice(from, from + maxRows), attend, rows: [], states, keep: maxRows }, from };
  });
  const list = rows === "last" ? rows : rows.map((row) => row - start);
  const rest = { tokens: tokens.slice(start), attend, rows: list, states, keep: keep - start };
  return [...passes, { request: rest, from: start }];
}
