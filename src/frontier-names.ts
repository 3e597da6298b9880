/** A mark in the drawing, with its name. */
export interface Named {
  name: string;
  x: number;
  y: number;
}

/** Where a name stands: its text's anchor, and the place of its baseline. */
export interface PlacedName extends Named {
  anchor: "start" | "end" | "middle";
}

/** Width of a letter and height of a line, of names of 11 pixels. */
const LETTER = 6.2;
const LINE = 13;
const GAP = 10;

interface Box {
  left: number;
  right: number;
  y: number;
}

function boxOf({ name, x, y, anchor }: PlacedName): Box {
  const width = name.length * LETTER;
  const left = { start: x, end: x - width, middle: x - width / 2 }[anchor];
  return { left, right: left + width, y };
}

/** Names beside their marks, the first first: one that has no room on any side, since others stand there, is left out. */
export function placeNames(named: readonly Named[], width: number): PlacedName[] {
  const placed: PlacedName[] = [];
  const boxes: Box[] = [];
  for (const { name, x, y } of named) {
    const sides: PlacedName[] = [
      { name, x: x + GAP, y: y + 4, anchor: "start" },
      { name, x: x - GAP, y: y + 4, anchor: "end" },
      { name, x, y: y - GAP, anchor: "middle" },
      { name, x, y: y + GAP + 9, anchor: "middle" },
      { name, x: x - GAP / 2, y: y - GAP, anchor: "start" },
      { name, x: x - GAP / 2, y: y + GAP + 9, anchor: "start" },
    ];
    const free = sides.find((side) => {
      const box = boxOf(side);
      const isInside = box.left >= 0 && box.right <= width;
      return (
        isInside &&
        boxes.every((one) => one.right < box.left || one.left > box.right || Math.abs(one.y - box.y) >= LINE)
      );
    });
    if (!free) continue;
    placed.push(free);
    boxes.push(boxOf(free));
  }
  return placed;
}
