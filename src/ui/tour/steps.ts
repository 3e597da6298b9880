import { tourWords as words } from "../words/tour.js";
import { allHaveBegun, draftsJudged, type Events, type Found, fewerPasses, masksFilled, oneByOne } from "./found.js";

/** What the tour reads of a pane. */
export interface ToldPane {
  label: string;
  events: Events;
}

/** A part of the page: prompts and labels of all panes, the clocks, or one pane by its place. */
export type Place = "prompts" | "clocks" | "labels" | number;

/** One step of the tour. */
export interface TourStep {
  title: string;
  sentence: string;
  place: Place;
  /** The moment that the race is brought to; null: its end. */
  moment: Found | null;
}

/** The six steps over a race, by what happens in its runs. `isRecorded`: whether it was written elsewhere. */
export function tourSteps(panes: readonly ToldPane[], isRecorded: boolean): readonly TourStep[] {
  const runs = panes.map(({ events }) => events);
  const label = ({ pane }: Pick<Found, "pane">) => panes[pane].label;
  /** At a moment, in its pane; where there is none, over the first pane at the end. */
  const at = (found: Found | null) => ({ place: found?.pane ?? 0, moment: found });
  const one = oneByOne(runs);
  const masks = masksFilled(runs);
  const drafts = draftsJudged(runs);
  return [
    { ...words.prompt(panes.length), place: "prompts", moment: allHaveBegun(runs) },
    { ...words.oneByOne(one && { ...one, label: label(one) }), ...at(one) },
    { ...words.masks(masks && { ...masks, label: label(masks) }), ...at(masks) },
    {
      ...words.drafts(drafts && { ...drafts, label: label(drafts), byModel: isByModel(runs[drafts.pane]) }),
      ...at(drafts),
    },
    { ...clocks(panes, runs), place: "clocks", moment: null },
    { ...words.texts(fidelitiesOf(panes), isRecorded), place: "labels", moment: null },
  ];
}

function clocks(panes: readonly ToldPane[], runs: readonly Events[]): { title: string; sentence: string } {
  const found = fewerPasses(runs);
  const told = (cost: { pane: number; forwards: number; ownMs: number }) => ({
    label: panes[cost.pane].label,
    forwards: cost.forwards,
    ownMs: cost.ownMs,
  });
  return words.clocks(found && { plain: told(found.plain), fewest: told(found.fewest) });
}

/** Whether drafts of a run cost forward passes. */
function isByModel(events: Events): boolean {
  return events.some((event) => event.type === "step" && event.draftForwards > 0);
}

function fidelitiesOf(panes: readonly ToldPane[]) {
  return panes.flatMap(({ label, events: [start] }) =>
    start?.type === "start" ? [{ label, fidelity: start.fidelity }] : [],
  );
}
