import type { Edit, GenerationEvent, SlotId } from "../../vocabulary/events.js";
import type { LawQuestion } from "../../worker/client.js";
import type { TokenHistory } from "./token-history.js";

/** What to ask of a place's law: as the step read it that wrote there, or of a mask as it stands after `step` steps; null where nothing is drawn. */
export function questionOf(
  events: readonly GenerationEvent[],
  slot: SlotId,
  step: number,
  { written, state }: TokenHistory,
): Omit<LawQuestion, "prompt"> | null {
  const [start] = events;
  if (start?.type !== "start" || (!written && state !== "mask")) return null;
  const steps = events.filter((event) => event.type === "step");
  const numBefore = written ? written.step - 1 : step;
  const before: Edit[] = [start, ...steps.slice(0, numBefore)].flatMap(({ edits }) => edits);
  const { decoder, options } = start;
  // A place of what the run began with was written by no step of it.
  return numBefore < 0 ? null : { decoder, options, before, step: written ? steps[numBefore].edits : [], slot };
}
