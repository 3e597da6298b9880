import { expect, type Page } from "@playwright/test";

/** What has the focus, through shadow roots: its name, and how it looks with the focus. */
async function stop(page: Page): Promise<{ name: string; isShown: boolean; isInView: boolean }> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return { name: "", isShown: true, isInView: true };
    const labels = [...((element as HTMLInputElement).labels ?? [])].map(({ textContent }) => textContent ?? "");
    const name = element.getAttribute("aria-label") ?? (labels[0] || element.textContent) ?? "";
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return {
      name: name.trim().replace(/\s+/g, " "),
      isShown: (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none",
      isInView: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth && bottom > top && right > left,
    };
  });
}

/** The name of what has the focus. */
export async function focused(page: Page): Promise<string> {
  return (await stop(page)).name;
}

/** Most stops on the way from one control to another. */
const MOST_STOPS = 250;

/** Presses the key until what has the focus begins with this name; each stop on the way must be seen to have it. */
export async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const way: string[] = [];
  for (let i = 0; i < MOST_STOPS; i++) {
    await page.keyboard.press(key);
    const at = await stop(page);
    expect(at, `after ${way.slice(-3).join(", ")}`).toEqual({ name: at.name, isShown: true, isInView: true });
    if (at.name.startsWith(name)) return;
    way.push(at.name.slice(0, 40));
  }
  expect(way).toContain(name);
}
