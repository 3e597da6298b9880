import { expect, type Page } from "@playwright/test";

/** A place that moved: from and to, as the browser tells it. */
interface Move {
  previousRect: DOMRectReadOnly;
  currentRect: DOMRectReadOnly;
}

/** What has been written down of a page. */
interface Watch {
  /** Fails if there was anything; of moves only those since the last `forget` count. */
  none(): Promise<void>;
  /** Leaves out the moves so far: those of a person's own acts, however late the page draws them. */
  forget(): Promise<void>;
}

/** What Playwright says itself: it blocks the service worker. */
const OF_THE_TEST = /registration blocked/;

/**
 * Has all be written down that a page says in its console, asks of other places than `site`, and moves. Moves within a written text aren't
 * counted, where masks become words of other widths.
 */
export async function watchAll(page: Page, site: string): Promise<Watch> {
  const watched: { messages: string[]; outside: string[] } = { messages: [], outside: [] };
  page.on("console", (message) => {
    if (!OF_THE_TEST.test(message.text())) watched.messages.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => watched.messages.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(site)) watched.outside.push(url);
  });
  await page.addInitScript(() => {
    const moves: string[] = [];
    Object.assign(globalThis, { moves });
    const isIn = (inner: DOMRectReadOnly, outer: DOMRectReadOnly) =>
      inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
    // A text that became another one in its place is told, too.
    const isSame = (a: DOMRectReadOnly, b: DOMRectReadOnly) =>
      a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
    const told = (rect: DOMRectReadOnly) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(" ");
    // The browser names no node within a shadow root: what lies there tells as much.
    const lyingAt = ({ left, top, width, height }: DOMRectReadOnly) => {
      const at = [left + width / 2, top + height / 2] as const;
      let element = document.elementFromPoint(...at);
      for (let inner = element; inner; inner = element?.shadowRoot?.elementFromPoint(...at) ?? null) {
        if (inner === element && element?.shadowRoot === null) break;
        element = inner;
        if (element.shadowRoot?.elementFromPoint(...at) === element) break;
      }
      const path: string[] = [];
      for (let one = element; one && path.length < 4; one = one.parentElement)
        path.unshift(one.className || one.localName);
      return path.join(" > ");
    };
    new PerformanceObserver((list) => {
      // Where the texts are now: later they may have been scrolled away.
      const elements = [...document.querySelectorAll("*")].flatMap((one) => [
        ...(one.shadowRoot?.querySelectorAll(".paper") ?? []),
      ]);
      const papers = elements.map((paper) => paper.getBoundingClientRect());
      for (const entry of list.getEntries() as unknown as { sources: Move[] }[]) {
        for (const { previousRect, currentRect } of entry.sources) {
          if (isSame(previousRect, currentRect)) continue;
          if (papers.some((paper) => isIn(previousRect, paper) && isIn(currentRect, paper))) continue;
          moves.push(`${lyingAt(currentRect)}: ${told(previousRect)} to ${told(currentRect)}`);
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const drawn = () =>
    page.evaluate(async () => {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
      return (globalThis as unknown as { moves: string[] }).moves;
    });
  return {
    none: async () => expect({ ...watched, moves: await drawn() }).toEqual({ messages: [], outside: [], moves: [] }),
    forget: async () => {
      await drawn();
      await page.evaluate(() => (globalThis as unknown as { moves: string[] }).moves.splice(0));
    },
  };
}
