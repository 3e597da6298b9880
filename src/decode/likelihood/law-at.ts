import { entropyOf, largest, untempered } from "../../sampling/processors.js";
import type { Model } from "../../seam/model.js";
import type { Session } from "../../seam/session.js";
import { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { Edit, SlotId, TokenId } from "../../vocabulary/events.js";
import type { SetRows } from "../../vocabulary/prompt.js";
import { suppressedOf } from "../engine/suppressed.js";
import type { LawPlace, LawRun } from "./law-place.js";
import { readSets } from "../read-sets.js";

/** The model's own law at a place: no temperature, filter, penalty, bias or correction changes it. What no run of the model ever writes there is left out. */
export interface LawAt {
  entropyNats: number;
  /** The likeliest tokens, the likeliest first. */
  top: readonly { token: TokenId; probability: number }[];
  /** Probability of the token that the step wrote there; null where it wrote none. */
  written: number | null;
}

/** Entropy and the `k` likeliest tokens at a place, by one forward of a session of its own over the text as the model read it there. */
export async function lawAt(model: Model, run: LawRun, place: LawPlace, k = 5): Promise<LawAt> {
  const session = model.session();
  try {
    await session.settle();
    const { logits, isFilled } = await read(session, model, run, place);
    const { capabilities } = model;
    const { maskToken, eosTokens } = capabilities;
    const filling = isFilled && maskToken !== null ? [maskToken] : [];
    const ends = run.options.infill === true ? eosTokens : [];
    const law = untempered(logits, [...suppressedOf(capabilities), ...filling, ...ends]);
    const token = writtenAt(place);
    return {
      entropyNats: entropyOf(law),
      top: largest(law, k).flatMap((id) => (law[id] > 0 ? [{ token: id, probability: law[id] }] : [])),
      written: token === null ? null : law[token],
    };
  } finally {
    session.dispose();
  }
}

/** The logits at the place, and whether a mask or an open token is filled there rather than a text gone on with. */
async function read(
  session: Session,
  model: Model,
  run: LawRun,
  place: LawPlace,
): Promise<{ logits: Float32Array; isFilled: boolean }> {
  const canvas = canvasAt(run.sets, place);
  const isFilled = canvas.slot(place.slot) !== undefined;
  if (isFilled) {
    const { readFilled } = await import("./law-of-masks.js");
    return { logits: await readFilled(session, model.capabilities, run, place, canvas), isFilled };
  }
  const ids = idsBefore(place);
  readSets(session, Canvas.replay(place.before.filter(isPrompt), run.sets));
  const tokens = ids.slice(session.length);
  const rows = session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
  return { logits: await rows.logits(), isFilled };
}

/** The canvas as the step's forward read it: with the masks that the step opened, and nothing that it wrote. */
function canvasAt(sets: readonly SetRows[], { before, step }: LawPlace): Canvas {
  return Canvas.replay([...before, ...step.filter((edit) => edit.op === "insert" && edit.state === "mask")], sets);
}

const isPrompt = (edit: Edit) => edit.op === "insert" && edit.state === "prompt";

/** Ids of what a new token of a text that is written from left to right follows: of a draft the drafts before it, not those beside it. */
function idsBefore({ before, step, slot }: LawPlace): TokenId[] {
  const canvas = Canvas.replay(before);
  const inserts = new Map(step.flatMap((edit) => (edit.op === "insert" ? [[edit.slot, edit] as const] : [])));
  const path: TokenId[] = [];
  let at: SlotId | null = slot;
  for (;;) {
    const edit = inserts.get(at);
    if (!edit) break;
    if (at !== slot) path.unshift(edit.token as TokenId);
    at = edit.parent ?? edit.after;
    if (at === null) return path;
  }
  if (!canvas.slot(at)) throw new InvalidOptionError(`The text has no slot ${slot} where its law is asked for.`);
  return [...canvas.ids().slice(0, canvas.position(at) + 1), ...path];
}

/** The last token that the step wrote in the slot, or what stands there where there is no step. */
function writtenAt({ before, step, slot }: LawPlace): TokenId | null {
  const edits = step.length > 0 ? step : before;
  const edit = edits.findLast((one) => one.slot === slot && one.op !== "delete");
  return edit && edit.op !== "delete" ? edit.token : null;
}
