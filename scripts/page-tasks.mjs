// npm run page-tasks [-- --device webgpu]: when the first recorded token stands on the built page (ten navigations, nothing kept from one to the
// next), and how free its thread is while six panes write and someone types: tasks over 50 ms and whose they are, what typing waits for, and what
// moves. A measurement, no test: times depend on what else the machine does. `--opening` measures the first alone.
import { parseArgs } from "node:util";
import path from "node:path";
import { chromium } from "@playwright/test";
import { findChromium, headlessFlags } from "../src/backend/webgpu/node/chromium.mjs";
import { root } from "./setup.mjs";
import { serveStatic } from "./static-server.mjs";

const { values } = parseArgs({
  options: {
    device: { type: "string", default: "wasm" },
    tokens: { type: "string", default: "96" },
    opening: { type: "boolean", default: false },
    url: { type: "string" },
  },
});

/** Two settings of one decoder among them. */
const PANES = ["autoregressive", "block-diffusion", "speculative", "speculative", "momentum", "contrastive"];
const query = new URLSearchParams({
  panes: PANES.join(","),
  "3.drafter": "prompt-lookup",
  max_new_tokens: values.tokens,
  device: values.device,
});

const site = await serveStatic({ root: path.join(root, "dist/demo") });
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: headlessFlags(),
  ignoreDefaultArgs: ["--headless", "--headless=old"],
});

/** When the first token stood on a page that was navigated to, in milliseconds from then, by the frame that drew it. */
async function firstTokenMs() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const opened = await context.newPage();
  await opened.addInitScript(() => {
    const look = () => {
      const tokens =
        document.querySelector("triptych-compare")?.shadowRoot?.querySelectorAll("[part=text] .committed") ?? [];
      if ([...tokens].some(({ textContent }) => textContent)) globalThis.firstTokenMs = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await opened.goto(values.url ?? site.url);
  const ms = await (await opened.waitForFunction(() => globalThis.firstTokenMs)).jsonValue();
  await context.close();
  return Math.round(ms);
}
const firsts = [];
for (let i = 0; i < 10; i++) firsts.push(await firstTokenMs());
const median = firsts
  .toSorted((a, b) => a - b)
  .slice(4, 6)
  .reduce((sum, ms) => sum + ms / 2, 0);
console.log(`first recorded token on screen after ${Math.round(median)} ms, the median of ${firsts.join(", ")}`);
if (values.opening) {
  await browser.close();
  await site.close();
  process.exit();
}
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, serviceWorkers: "block" });
await page.addInitScript(() => {
  const seen = { tasks: [], frames: [], keys: [], moves: [] };
  Object.assign(globalThis, { seen });
  const watch = (type, add, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type, buffered: true, ...options });
  watch("longtask", ({ startTime, duration }) => seen.tasks.push([Math.round(startTime), Math.round(duration)]));
  watch("long-animation-frame", (frame) => {
    const scripts = frame.scripts.map((one) => {
      const file = one.sourceURL.split("/").pop();
      return `${Math.round(one.duration)} ms ${one.invokerType} ${one.invoker} ${one.sourceFunctionName} ${file} (layout ${Math.round(one.forcedStyleAndLayoutDuration)} ms)`;
    });
    const { startTime, duration, blockingDuration, renderStart, styleAndLayoutStart } = frame;
    const end = startTime + duration;
    const render = renderStart ? Math.round(styleAndLayoutStart - renderStart) : 0;
    const layout = styleAndLayoutStart ? Math.round(end - styleAndLayoutStart) : 0;
    seen.frames.push({ startTime, duration, blockingDuration, render, layout, scripts });
  });
  watch(
    "event",
    ({ name, duration, processingStart, processingEnd }) => {
      if (name === "keydown" || name === "input") seen.keys.push([name, duration, processingEnd - processingStart]);
    },
    { durationThreshold: 16 },
  );
  // Where the texts are is asked later: asked here it would have the page laid out.
  watch("layout-shift", ({ startTime, value, sources, hadRecentInput }) => {
    if (!hadRecentInput) seen.moves.push([startTime, value, sources.map((one) => [one.previousRect, one.currentRect])]);
  });
});
await page.goto(`${site.url}/?${query}`);
await page.getByRole("button", { name: "Generate", exact: true }).waitFor();
// The first race loads and compiles; the second is looked at.
const race = () => page.evaluate(() => document.querySelector("triptych-compare").generate());
await race();
await page.getByRole("textbox", { name: "Prompt" }).click();
await page.keyboard.press("End");
const begin = await page.evaluate(() => performance.now());
const racing = race();
let isOver = false;
void racing.then(() => {
  isOver = true;
});
let numKeys = 0;
while (!isOver) {
  await page.keyboard.press(numKeys++ % 6 === 5 ? "Space" : "x");
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const outcomes = await racing;
await page.waitForTimeout(500);
const { tasks, frames, keys, moves } = await page.evaluate(() => {
  const { shadowRoot } = document.querySelector("triptych-compare");
  const papers = [...shadowRoot.querySelectorAll(".paper")].map((paper) => paper.getBoundingClientRect());
  const isIn = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
  const isText = (rects) => papers.some((paper) => rects.every((rect) => isIn(rect, paper)));
  return { ...seen, moves: seen.moves.filter(([, , sources]) => !sources.every(isText)) };
});
const inRace = ({ startTime }) => startTime >= begin;
const during = tasks.filter(([startMs]) => startMs >= begin);
const written = Object.values(outcomes).map(({ metrics, error }) => metrics?.tokens ?? error.code);
console.log(`${PANES.length} panes on ${values.device}, tokens ${written.join(", ")}, ${numKeys} keys`);
console.log(
  `tasks over 50 ms: ${during.length} while writing (${during.map(([, ms]) => `${ms} ms`).join(", ")}), ${tasks.length - during.length} before`,
);
for (const frame of frames.filter((one) => one.duration >= 50 && (inRace(one) || process.env.ALL))) {
  console.log(
    `  frame of ${Math.round(frame.duration)} ms at ${Math.round(frame.startTime - begin)} (blocking ${Math.round(frame.blockingDuration)}), render ${frame.render} ms, layout and paint ${frame.layout} ms`,
  );
  for (const script of frame.scripts) console.log(`    ${script}`);
}
const longest = (list) =>
  list
    .toSorted((a, b) => b - a)
    .slice(0, 5)
    .map(Math.round)
    .join(", ");
console.log(
  `keys that took 16 ms or more until drawn: ${keys.length}; longest ${longest(keys.map(([, ms]) => ms))} ms, of these in handlers ${longest(keys.map(([, , ms]) => ms))} ms`,
);
const shiftOf = (list) => list.reduce((sum, [, value]) => sum + value, 0).toFixed(4);
const [earlier, later] = [moves.filter(([at]) => at < begin), moves.filter(([at]) => at >= begin)];
console.log(`layout shift outside the texts: ${shiftOf(later)} while writing, ${shiftOf(earlier)} before`);
await browser.close();
await site.close();
