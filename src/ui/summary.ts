import { css, html, nothing, type TemplateResult } from "lit";
import type { Metrics, Role } from "../vocabulary/events.js";
import { PLAIN } from "./default-panes.js";
import type { Pane } from "./pane.js";
import { outcomeWords, type PaneOutcome } from "./pane-outcome.js";
import { summaryWords as words } from "./words/late.js";

/** The look of the sentence. */
export const style = css`
  .summary {
    padding-block: 1rem 0;
    text-wrap: pretty;
  }
`;

/** What a summary reads of a pane. */
export type SummedUp = Pick<Pane, "label" | "decoder" | "outcome">;

/** How one pane ended, with the name that tells it from the others. */
interface Entry {
  name: string;
  decoder: string;
  outcome: PaneOutcome;
}

/** One that ended by itself. */
interface Whole extends Entry {
  outcome: Exclude<PaneOutcome, { error: unknown }> & { metrics: Metrics };
}

/** Times of which one is less than this much longer are told as equal. */
const SAME_TIME = 1.1;

/**
 * One sentence, from counts, of what the panes wrote, beside plain decoding where that is among them; empty while one still writes.
 * `isHere`: whether the times are this device's.
 */
export function summaryOf(panes: readonly SummedUp[], isHere: boolean): string {
  const entries = panes.flatMap(({ label, decoder, outcome }, i): Entry[] => {
    const isOnly = panes.filter((pane) => pane.label === label).length === 1;
    return outcome ? [{ name: isOnly ? label : words.inPane(label, i + 1), decoder, outcome }] : [];
  });
  if (entries.length === 0 || entries.length < panes.length) return "";
  if (!entries.some(hasWritten)) return words.none;
  const [only] = entries;
  if (entries.length === 1 && isWhole(only)) return `${tell(only)}${words.took(only.outcome.metrics.ownMs, isHere)}.`;
  const whole = entries.filter(isWhole);
  const base = whole.find(({ decoder }) => decoder === PLAIN) ?? whole[0];
  const same = whole.filter((entry) => entry !== base && isSameText(entry, base));
  // What others are compared with is told by these.
  const others = entries.filter((entry) => !(same as Entry[]).includes(entry) && !(entry === base && same.length > 0));
  const isAlike = (entry: Entry) => base && entry !== base && tokensOf(entry) === tokensOf(base);
  const clauses = [
    ...same.map((entry) => compare(entry, base, isHere)),
    ...others.map((entry) => tell(entry, isAlike(entry))),
  ];
  return `${clauses.join("; ")}.`;
}

/** The sentence under the panes; nothing while one still writes. */
export function renderSummary(panes: readonly SummedUp[], isHere: boolean): TemplateResult | typeof nothing {
  const sentence = summaryOf(panes, isHere);
  return sentence ? html`<p part="summary" class="summary">${sentence}</p>` : nothing;
}

function isWhole(entry: Entry): entry is Whole {
  const { outcome } = entry;
  return !("error" in outcome) && outcome.reason !== "cancelled" && outcome.metrics !== null;
}

function tokensOf({ outcome }: Entry): number {
  return "error" in outcome ? 0 : (outcome.metrics?.tokens ?? 0);
}

function hasWritten(entry: Entry): boolean {
  return tokensOf(entry) > 0;
}

function isSameText({ outcome: { ids } }: Whole, { outcome: { ids: others } }: Whole): boolean {
  return ids.length > 0 && ids.length === others.length && ids.every((id, i) => id === others[i]);
}

/** A run that wrote the text of another. */
function compare({ name, outcome: { metrics } }: Whole, base: Whole, isHere: boolean): string {
  const { tokens, forwards, ownMs } = base.outcome.metrics;
  const passes = words.passesBeside(metrics.forwards, forwards) + besides(metrics);
  return words.same(name, base.name, tokens, passes) + timeBeside(metrics.ownMs, ownMs, isHere);
}

function timeBeside(ownMs: number, otherMs: number, isHere: boolean): string {
  if (!(ownMs > 0 && otherMs > 0)) return "";
  if (ownMs > SAME_TIME * otherMs) return words.longer(ownMs / otherMs, isHere);
  return otherMs > SAME_TIME * ownMs ? words.faster(otherMs / ownMs, isHere) : words.asLong(isHere);
}

/** A run by itself; `isAlike`: its text has the length of one that it differs from. */
function tell({ name, outcome }: Entry, isAlike = false): string {
  if ("error" in outcome) return words.ended(name, outcomeWords(outcome));
  const { metrics, reason } = outcome;
  const isCut = reason === "cancelled";
  if (!metrics || metrics.tokens === 0) return isCut ? words.stoppedEarly(name) : words.nothing(name);
  const passes = words.passes(metrics.forwards) + besides(metrics);
  return isCut ? words.stopped(name, metrics.tokens, passes) : words.wrote(name, metrics.tokens, passes, isAlike);
}

/** Forwards of what drafts, weighs or guides. */
function besides({ forwardsBy }: Metrics): string {
  const told = Object.entries(forwardsBy).filter(([, count]) => count > 0);
  return told.length === 0 ? "" : words.besides(told.map(([role, count]) => words.ofRole(role as Role, count)));
}
