import type { Capabilities } from "../../seam/capabilities.js";
import type { Rows } from "../../seam/rows.js";
import type { Session } from "../../seam/session.js";
import { type Canvas, isOpen } from "../../vocabulary/canvas.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { storeBlocks } from "../long-prompt.js";
import { blockOffset, blockPlanOf, isAdaptive } from "../masks/block-plan.js";
import { numberOption } from "../options.js";
import type { LawPlace, LawRun } from "./law-place.js";

/** A place on a canvas with masks, as it is read by its decoder's kind of reading. */
interface Reading {
  session: Session;
  capabilities: Capabilities;
  run: LawRun;
  canvas: Canvas;
  position: number;
  mask: TokenId;
}

/** Logits of what fills a place, by the reading that the run's decoder needs of its model. */
export async function readFilled(
  session: Session,
  capabilities: Capabilities,
  run: LawRun,
  place: LawPlace,
  canvas: Canvas,
): Promise<Float32Array> {
  const { maskToken } = capabilities;
  if (maskToken === null)
    throw new InvalidOptionError(`${capabilities.name} fills no masks: its law there isn't known.`);
  const position = canvas.position(place.slot);
  const reading: Reading = { session, capabilities, run, canvas, position, mask: maskToken };
  const needs = run.decoder.needs(run.options, canvas);
  if (needs.anySubset) return readBySubset(reading, place).logits();
  if (needs.full) return readWhole(reading).logits();
  if (needs.block !== undefined) return readBlock(reading).logits();
  return readMasksLast(reading).logits();
}

/** The whole canvas; models adapted from next-token heads fill a position from the row before it. */
function readWhole({ session, capabilities, canvas, position, mask }: Reading): Rows {
  const row = capabilities.inPlace ? position : position - 1;
  return session.forward({ tokens: canvas.ids(mask), attend: "full", rows: [row], keep: 0 });
}

/** The block that holds the place, whole as in training, behind the stored ones. */
function readBlock({ session, capabilities, run, canvas, position, mask }: Reading): Rows {
  const { blockLengths, maxLength, inPlace } = capabilities;
  const { options } = run;
  const plan = blockPlanOf(options, blockLengths, maxLength, blockOffset(options, canvas.promptLength));
  const firstOpen = canvas.slots().findIndex(isOpen);
  // Where blocks differ in length, the first open place says where the block ends that is being filled.
  const span = plan.at(isAdaptive(options) && firstOpen >= 0 ? firstOpen : position, canvas.length);
  const { start, end } = span;
  const tokens = [...canvas.ids(mask), ...new Array<TokenId>(Math.max(0, end - canvas.length)).fill(mask)];
  storeBlocks(session, tokens, plan, start);
  const shift = inPlace ? 0 : 1;
  // The row before a block's first place is the last one of the block before.
  if (session.length > position - shift) session.truncate(position - shift);
  const { length } = session;
  return session.forward({
    tokens: tokens.slice(length, end),
    attend: plan.attend(length, span),
    rows: [position - shift - length],
    keep: 0,
  });
}

/** All that is known first, then the first masks, each at its own position. */
function readMasksLast({ session, run, canvas, position, mask }: Reading): Rows {
  const ids = canvas.ids(mask);
  const slots = canvas.slots();
  const known = slots.flatMap((slot, at) => (isOpen(slot) ? [] : [at]));
  const open = slots.flatMap((slot, at) => (isOpen(slot) ? [at] : []));
  const masked = open.slice(0, numberOption(run.options, "window_length"));
  const row = masked.indexOf(position);
  if (row < 0)
    throw new InvalidOptionError("The place lies behind the masks that the model reads: it says nothing of it yet.");
  return session.forward({
    tokens: [...known.map((at) => ids[at]), ...masked.map(() => mask)],
    positions: [...known, ...masked],
    attend: "causal",
    rows: [known.length + row],
    keep: 0,
  });
}

/** What is known anywhere, and what the step wrote before the place. */
function readBySubset({ session, canvas, position, mask }: Reading, { step }: LawPlace): Rows {
  const written = new Map(
    step.flatMap((edit) => (edit.op === "write" && edit.token !== null ? [[edit.slot, edit.token]] : [])),
  );
  const slots = canvas.slots();
  let next = 1;
  const ranks = slots.map(({ state }) => (state === "prompt" ? 0 : next++));
  const known = slots.flatMap((slot, at) => {
    const token = isOpen(slot) ? (at < position ? written.get(slot.id) : undefined) : slot.token;
    return token === undefined || token === null ? [] : [{ at, token }];
  });
  invariant(
    known.every(({ at }) => at !== position),
    "the place is still to be filled",
  );
  return session.forward({
    tokens: [...known.map(({ token }) => token), mask],
    positions: [...known.map(({ at }) => at), position],
    attend: { rank: [...known.map(({ at }) => ranks[at]), ranks[position]], strict: true, queries: 1 },
    rows: [known.length],
    keep: 0,
  });
}
