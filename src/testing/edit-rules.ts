// For tests: what holds of every run, whatever it writes.
import { Canvas, isWritten } from "../vocabulary/canvas.js";
import type { GenerationEvent, TokenId } from "../vocabulary/events.js";

/**
 * What of a run's events breaks a rule, in words; empty if none does. `mask`: an id that isn't to be written. `takesBack`: a
 * step needn't leave more written than there was.
 */
export function brokenRules(events: readonly GenerationEvent[], mask: TokenId | null, takesBack = false): string[] {
  const broken: string[] = [];
  const canvas = new Canvas();
  const numWritten = () => canvas.slots().filter(isWritten).length;
  const [start] = events;
  for (const edit of start.type === "start" ? start.edits : []) canvas.apply(edit);
  const lastStep = events.findLastIndex(({ type }) => type === "step");
  events.forEach((event, index) => {
    if (event.type !== "step") return;
    const before = numWritten();
    // What stands behind an end goes as the run ends.
    const isLast = index === lastStep;
    for (const edit of event.edits) {
      const state = edit.op === "insert" ? null : canvas.slots().find(({ id }) => id === edit.slot)?.state;
      const isTrim = isLast && edit.op === "delete";
      if ((state === "prompt" || state === "committed") && !isTrim) broken.push(`${edit.op} of a ${state} slot`);
      if (edit.op !== "delete" && edit.token !== null && edit.token === mask) broken.push("the mask's id is written");
      canvas.apply(edit);
    }
    if (numWritten() <= before && !takesBack && !isLast) broken.push(`step ${index} writes nothing`);
  });
  const left = canvas.slots().find(({ state }) => state !== "prompt" && state !== "committed");
  if (left) broken.push(`a ${left.state} slot is left`);
  return broken;
}
