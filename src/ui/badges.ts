import type { DecoderInfo } from "../worker/client.js";
import { compareIds } from "./compare-ids.js";
import { PLAIN } from "./default-panes.js";
import { isSameTask } from "./here.js";
import type { Pane } from "./pane.js";

/** The pane that another's run is compared with: one that decodes plainly, with the same task where there is one; null where none does. */
export function plainBeside(pane: Pane, panes: readonly Pane[], infos: readonly DecoderInfo[]): Pane | null {
  const plain = panes.filter((one) => one !== pane && one.decoder === PLAIN);
  return plain.find((one) => isSameTask(one, pane, infos)) ?? plain[0] ?? null;
}

/** Says in each pane that claims a plain pane's text whether it has it. */
export function awardBadges(panes: readonly Pane[], infos: readonly DecoderInfo[]): void {
  for (const pane of panes) {
    const plain = plainBeside(pane, panes, infos);
    // A verifier that keeps the law alone writes another text, and so do other options: that is no fault of it.
    const isAsked = plain && pane.fidelity === "identical" && isSameTask(plain, pane, infos);
    pane.badge = isAsked ? compareIds(plain.outcome, pane.outcome) : null;
  }
}
