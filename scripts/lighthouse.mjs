// npm run lighthouse [-- PAGE…]: Lighthouse's scores of the built site (`dist/demo`), for phones and desks. Not in npm test: its performance is a
// time, which another program on the machine would lower. Lighthouse (Apache-2.0) and what it needs are 190 MB that no test uses, so they are fetched
// into .cache, at this version, by the first run.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { findChromium } from "../src/backend/webgpu/node/chromium.mjs";
import { root, run, say } from "./setup.mjs";
import { serveStatic } from "./static-server.mjs";

/** The newest that runs with Node 20. */
const VERSION = "12.8.2";
const FOLDER = path.join(root, ".cache/lighthouse");
const PAGES = ["", "sudoku.html", "frontier.html", "docs/index.html"];
const CATEGORIES = ["performance", "accessibility", "best-practices"];
/** What each score is to reach. */
const LEAST = 95;

function ensureLighthouse() {
  if (existsSync(path.join(FOLDER, "node_modules/lighthouse"))) return;
  say(`Fetching lighthouse ${VERSION}`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, "package.json"), '{ "private": true }\n');
  const args = ["install", "--prefix", FOLDER, "--no-audit", "--no-fund", "--ignore-scripts", `lighthouse@${VERSION}`];
  if (run("npm", args) !== 0) throw new Error("npm could not install lighthouse: its output is above.");
}

const part = (file) => import(pathToFileURL(path.join(FOLDER, "node_modules", file)).href);

/** Audits that cost a category points. */
function faultsOf({ categories, audits }) {
  const refs = CATEGORIES.flatMap((name) => categories[name].auditRefs);
  const bad = refs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9);
  return bad.map(({ id }) => `${id} ${audits[id].displayValue ?? ""}`.trim());
}

ensureLighthouse();
if (!existsSync(path.join(root, "dist/demo/docs/index.html"))) throw new Error("dist is missing: npm run build");
const { default: lighthouse, desktopConfig } = await part("lighthouse/core/index.js");
const { launch } = await part("chrome-launcher/dist/index.js");
const site = await serveStatic({ root: path.join(root, "dist/demo"), compressed: true });
const chromeFlags = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update"];
const browser = await launch({ chromePath: findChromium(), chromeFlags });
const pages = process.argv.length > 2 ? process.argv.slice(2) : PAGES;
const rows = [];
for (const page of pages) {
  for (const [preset, config] of [
    ["phone", undefined],
    ["desk", desktopConfig],
  ]) {
    const flags = { port: browser.port, output: "json", logLevel: "error", onlyCategories: CATEGORIES };
    const result = await lighthouse(`${site.url}/${page}`, flags, config);
    if (!result || result.lhr.runtimeError) throw new Error(result?.lhr.runtimeError?.message ?? "no result");
    // How fast this machine is by Lighthouse's measure: its slowdown for phones is meant for one of 1,000 or more.
    const { benchmarkIndex } = result.lhr.environment;
    const scores = CATEGORIES.map((name) => Math.round(100 * result.lhr.categories[name].score));
    rows.push(scores);
    console.log(
      `${page || "index.html"}, ${preset}: ${CATEGORIES.map((name, i) => `${name} ${scores[i]}`).join(", ")} (machine ${Math.round(benchmarkIndex)})`,
    );
    for (const fault of faultsOf(result.lhr)) console.log(`    ${fault}`);
  }
}
browser.kill();
await site.close();
if (rows.flat().some((score) => score < LEAST)) process.exitCode = 1;
