/** The token that a key leads to from another, or from the text itself; null for any other key, and past either end. */
export function tokenToward(
  tokens: readonly Element[],
  from: Element | null,
  key: string,
  isRightToLeft: boolean,
): Element | null {
  const at = from ? tokens.indexOf(from) : -1;
  const step = (by: number) => (at < 0 ? tokens.at(by > 0 ? 0 : -1) : tokens[at + by]) ?? null;
  switch (key) {
    case "ArrowRight":
      return step(isRightToLeft ? -1 : 1);
    case "ArrowLeft":
      return step(isRightToLeft ? 1 : -1);
    case "Home":
      return tokens[0] ?? null;
    case "End":
      return tokens.at(-1) ?? null;
    case "ArrowDown":
      return from && at >= 0 ? onLineBeside(tokens.slice(at + 1), from) : step(1);
    case "ArrowUp":
      return from && at >= 0 ? onLineBeside(tokens.slice(0, at).reverse(), from) : null;
    default:
      return null;
  }
}

/** Of those behind `from`, the nearest in the first line that isn't its own. */
function onLineBeside(others: readonly Element[], from: Element): Element | null {
  const { left, top, height } = from.getBoundingClientRect();
  let best: Element | null = null;
  let line: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const other of others) {
    const place = other.getClientRects()[0] ?? other.getBoundingClientRect();
    if (Math.abs(place.top - top) < height / 2) continue;
    line ??= place.top;
    if (Math.abs(place.top - line) > height / 2) break;
    if (Math.abs(place.left - left) >= distance) continue;
    distance = Math.abs(place.left - left);
    best = other;
  }
  return best;
}
