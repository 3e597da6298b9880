import type { Tone } from "./chart.js";

/** Dashes of lines by tone, so that colour isn't all that tells them apart. */
const DASHES: Record<Tone, number[]> = {
  0: [],
  1: [7, 4],
  2: [2, 3],
  3: [10, 3, 2, 3],
  4: [14, 5],
  5: [5, 2, 1, 2, 1, 2],
  plain: [],
  quiet: [2, 4],
  bad: [7, 4],
};

/** Strokes of a tile of 8 × 8 by tone, which fill bars for the same reason: SVG paths. */
const HATCHES: Record<Tone, string> = {
  0: "",
  1: "M-1 9L9 -1M-1 1L1 -1M7 9L9 7",
  2: "M0 4H8",
  3: "M-1 -1L9 9M-1 9L9 -1",
  4: "M4 0V8",
  5: "M0 4H8M4 0V8",
  plain: "",
  quiet: "M0 4H8",
  bad: "M-1 9L9 -1M-1 1L1 -1M7 9L9 7",
};

/** Side of a tile. */
export const TILE = 8;

/** Tones of panes that there are; more panes begin anew. */
const NUM_TONES = 6;

function own(tone: Tone): Tone {
  return typeof tone === "number" ? tone % NUM_TONES : tone;
}

/** The dash of a tone's line. */
export function dashOf(tone: Tone): readonly number[] {
  return DASHES[own(tone)];
}

/** What is stroked on the tiles of a tone's bars; empty: they are plain. */
export function hatchOf(tone: Tone): string {
  return HATCHES[own(tone)];
}

/** The style sheet's property that has a tone's colour. */
export function colourName(tone: Tone): string {
  return `--tone-${own(tone)}`;
}

/** Colours and fonts as they are now. */
export interface Theme {
  colour(name: string): string;
  font(size: number, isBold?: boolean): string;
  figures(size: number): string;
}

/** Those of an element's style sheet: with another colour scheme they are others. */
export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    colour,
    font: (size, isBold = false) => `${isBold ? 650 : 400} ${size}px ${colour("--font")}`,
    figures: (size) => `${size}px ${colour("--figure-font")}`,
  };
}
