import type { SlotId } from "../vocabulary/events.js";
import type { Replay } from "./replay.js";
import type { Seen } from "./run-view.js";
import type { Tally } from "./tally.js";
import type { Transition } from "./transition.js";
import { stepWords as WORDS } from "./words/first.js";

/** What one event did, in a few words that are counts of its edits and nothing else; empty for what ends a run. */
export function stepSentence({ event, changes }: Seen): string {
  if (event.type === "start") return WORDS.begins;
  if (event.type === "recovering") return WORDS.recovering;
  if (event.type !== "step") return "";
  const counts = new Map<Transition, number>();
  const opened = new Set<SlotId>();
  let numFilledOfThem = 0;
  let settled = 0;
  for (const { edit, move } of changes) {
    counts.set(move, (counts.get(move) ?? 0) + 1);
    if (move === "open") opened.add(edit.slot);
    if (move === "unmask" && opened.has(edit.slot)) numFilledOfThem++;
    if (move === "none" && edit.op === "write" && edit.state === "committed") settled++;
  }
  const of = (move: Transition) => counts.get(move) ?? 0;
  const drafts = draftWords(of("draft"), of("accept"), of("reject"));
  const filled = of("unmask");
  const say = (count: number, words: (count: number) => string) => (count > 0 ? [words(count)] : []);
  const parts = [
    ...drafts,
    ...say(of("append"), drafts.length > 0 ? WORDS.wroteItself : WORDS.wrote),
    ...say(of("open"), WORDS.opened),
    ...say(filled, numFilledOfThem === filled ? WORDS.filledOfThem : WORDS.filled),
    ...say(of("revise"), WORDS.changed),
    ...say(of("remask"), WORDS.masked),
    ...say(settled, WORDS.settled),
    ...say(of("backspace"), WORDS.tookBack),
    ...say(of("close"), WORDS.closed),
  ];
  return parts.length > 0 ? parts.join(", ") : WORDS.nothing;
}

function draftWords(drafted: number, kept: number, rejected: number): string[] {
  const judged = kept + rejected;
  if (drafted > 0) return [WORDS.drafted(drafted), judged > 0 ? WORDS.kept(kept) : WORDS.unjudged];
  return judged > 0 ? [WORDS.keptOf(kept, judged)] : [];
}

/** What the step that a pane shows did; at the end of a run what the whole of it came to. */
export function paneSentence({ replay, tally }: { replay: Replay; tally: Tally }): string {
  if (!replay.isAtEnd) return replay.latest ? stepSentence(replay.latest) : "";
  return WORDS.whole(tally.tokens, tally.forwards);
}
