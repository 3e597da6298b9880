/** How far from its end a text still counts as read to the end. */
const SLACK_PX = 48;

/** A box whose text grows. */
export type Paper = Pick<Element, "scrollTop" | "scrollHeight" | "clientHeight">;

const grown = new Set<Paper>();
/** Where each ended, in scrolled pixels, when it was looked at last. */
const ends = new WeakMap<Paper, number>();

/**
 * Scrolls a text that has grown to its end, at the next frame, unless a reader has scrolled away from it. All texts of a page are looked at
 * together: asked one by one between writes, each would have the whole page laid out anew.
 */
export function followEnd(paper: Paper): void {
  if (grown.size === 0) requestAnimationFrame(follow);
  grown.add(paper);
}

/** Has a text that begins anew be followed, wherever the one before was scrolled to. */
export function beginAnew(paper: Paper): void {
  ends.delete(paper);
}

function follow(): void {
  const seen = [...grown].map((paper) => {
    return { paper, top: paper.scrollTop, end: paper.scrollHeight - paper.clientHeight };
  });
  grown.clear();
  for (const { paper, top, end } of seen) {
    const wasAtEnd = (ends.get(paper) ?? 0) - top < SLACK_PX;
    ends.set(paper, end);
    if (wasAtEnd && end > top) paper.scrollTop = end;
  }
}
