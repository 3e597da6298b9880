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

const namesOf = (key: "attributes" | "events" | "cssParts" | "cssProperties" | "slots") =>
  [...new Set(elements().flatMap((element) => element[key].map(({ name }) => name)))].toSorted();

packed("the packed package holds the manifest of its elements", ({ project }) => {
  expect(elements(project.package).map(({ tagName }) => tagName)).toEqual(["triptych-generate", "triptych-compare"]);
  const { customElements } = JSON.parse(readFileSync(path.join(project.package, "package.json"), "utf8"));
  expect(customElements).toBe("./dist/custom-elements.json");
  for (const element of elements(project.package))
    for (const key of ["attributes", "events", "cssParts", "cssProperties", "slots"] as const)
      for (const { name, description } of element[key]) expect(description, `${element.tagName} ${name}`).toMatch(/\w/);
});

test("its attributes are those that the elements observe", async ({ page }) => {
  await openBare(page, "");
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
