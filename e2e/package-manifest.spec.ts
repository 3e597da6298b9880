import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "@playwright/test";
import { openBare, test } from "./triptych-page.js";
import { root, test as packed } from "./installed-package.js";

interface Named {
  name: string;
  description?: string;
}
interface Element {
  tagName: string;
  attributes: Named[];
  events: Named[];
  cssParts: Named[];
  cssProperties: Named[];
  slots: Named[];
}

const read = (file: string) => readFileSync(path.join(root, file), "utf8");

function elements(folder = root): Element[] {
  const { modules } = JSON.parse(readFileSync(path.join(folder, "dist/custom-elements.json"), "utf8"));
  return modules.flatMap(({ declarations }: { declarations: Element[] }) => declarations);
}

type Kind = "attributes" | "events" | "cssParts" | "cssProperties" | "slots";

/** The player of traces is a file of its own, with its own document. */
const REPLAY = "triptych-replay";
const written = () => elements().filter(({ tagName }) => tagName !== REPLAY);
const replay = () => elements().filter(({ tagName }) => tagName === REPLAY);
const namesOf = (key: Kind, of = written()) =>
  [...new Set(of.flatMap((element) => (element[key] ?? []).map(({ name }) => name)))].toSorted();

packed("the packed package holds the manifest of its elements", ({ project }) => {
  expect(elements(project.package).map(({ tagName }) => tagName)).toEqual([
    "triptych-generate",
    "triptych-compare",
    REPLAY,
  ]);
  const { customElements } = JSON.parse(readFileSync(path.join(project.package, "package.json"), "utf8"));
  expect(customElements).toBe("./dist/custom-elements.json");
  for (const element of elements(project.package))
    for (const key of ["attributes", "events", "cssParts", "cssProperties", "slots"] as const)
      for (const { name, description } of element[key] ?? [])
        expect(description, `${element.tagName} ${name}`).toMatch(/\w/);
});

test("its attributes are those that the elements observe", async ({ page }) => {
  await openBare(page, "");
  await page.addScriptTag({ type: "module", url: "/dist/replay.js" });
  await page.evaluate((tag) => customElements.whenDefined(tag), REPLAY);
  for (const { tagName, attributes } of elements()) {
    const observed = await page.evaluate(
      (tag) => (customElements.get(tag) as unknown as { observedAttributes: string[] }).observedAttributes,
      tagName,
    );
    expect(observed.toSorted(), tagName).toEqual(attributes.map(({ name }) => name).toSorted());
  }
});

test("its parts, custom properties and slots are those of the sources", () => {
  const files = readdirSync(path.join(root, "src/ui"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /(?<!\.test)\.ts$/.test(file) && !/^(trace-player|trace|models)\//.test(file));
  const text = sources.map((file) => read(`src/ui/${file}`)).join("\n");
  const found = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].toSorted();
  expect(namesOf("cssParts")).toEqual(found(/\bpart(?:=|", |\.add\()"([\w-]+)"/g));
  expect(namesOf("cssProperties")).toEqual(found(/var\((--triptych-[\w-]+)/g));
  expect(namesOf("slots")).toEqual(found(/<slot name="([\w-]+)"/g));
});

test("what it says of the player is what docs/traces.md says, and what is in its source", () => {
  const source = read("src/ui/trace-player/replay-element.ts");
  const parts = namesOf("cssParts", replay());
  const own = [...source.matchAll(/\bpart="([\w-]+)"/g)].map(([, name]) => name);
  expect(parts).toEqual([...new Set([...own, "text", "metrics"])].toSorted());
  expect(namesOf("events", replay())).toEqual(
    [...new Set([...source.matchAll(/tell\("([\w-]+)"/g)].map(([, name]) => name))].toSorted(),
  );
  const docs = read("docs/traces.md");
  const row = (head: string) => docs.split("\n").find((line) => line.startsWith(`| ${head} |`)) ?? "";
  const quoted = (head: string, pattern: RegExp) => [...row(head).matchAll(pattern)].map(([, name]) => name).toSorted();
  expect(quoted("parts", /`([\w-]+)`/g)).toEqual(parts);
  expect(quoted("attributes", /`([\w-]+)`: /g)).toEqual(namesOf("attributes", replay()));
  expect(quoted("events", /`([\w-]+)`/g)).toEqual(namesOf("events", replay()));
});

test("docs/element.md names each, and no other", () => {
  const docs = read("docs/element.md");
  const row = (head: string) => docs.split("\n").find((line) => line.startsWith(`| ${head} |`)) ?? "";
  const quoted = (line: string) => [...line.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  const table = (from: string) => docs.slice(docs.indexOf(from)).split("\n\n")[0].split("\n").slice(2);
  expect(quoted(row("parts")).toSorted()).toEqual(namesOf("cssParts"));
  const [prefix, ...names] = quoted(row("custom properties"));
  expect(names.map((name) => `${prefix}${name}`).toSorted()).toEqual(namesOf("cssProperties"));
  const events = table("| event | when |").flatMap((line) => quoted(line.split("|")[1].replace(/\(.*\)/, "")));
  expect(events.toSorted()).toEqual(namesOf("events"));
  const attributes = table("| attribute | what it sets |").flatMap((line) =>
    quoted(line.split("|")[1].replace(/\(.*\)/, "")),
  );
  expect(attributes.toSorted()).toEqual(namesOf("attributes"));
});
