import { expect } from "@playwright/test";
import type { CompareElement, GenerateElement } from "../src/ui/element.js";
import { openBare, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

const BOTH = ["triptych-compare", "triptych-generate"];
/** Attributes that follow their properties, and those that say how what a person may change begins: property, and two values. */
const REFLECTED: Record<string, [property: string, value: unknown, other: unknown, elements?: string[]]> = {
  models: ["models", "/models/", "/m/"],
  recording: ["recording", "a.json", "b.json"],
  autoplay: ["autoplay", true, false],
  address: ["address", true, false, ["triptych-compare"]],
  history: ["history", true, false, ["triptych-compare"]],
  name: ["name", "story", "tale", ["triptych-generate"]],
  disabled: ["disabled", true, false, ["triptych-generate"]],
  required: ["required", true, false, ["triptych-generate"]],
};
const INITIAL: Record<string, [property: string, value: unknown, other: unknown, unset: unknown, elements?: string[]]> =
  {
    prompt: ["prompt", "Once", "Tom", ""],
    target: ["target", "/t/", "/u/", undefined],
    draft: ["draft", "/t/", "/u/", undefined],
    diffusion: ["diffusion", "/t/", "/u/", undefined],
    "max-new-tokens": ["maxNewTokens", 8, 9, undefined],
    temperature: ["temperature", 0.5, 1, undefined],
    seed: ["seed", 3, "x", undefined],
    energy: ["energy", "draft", "target", "target"],
    device: ["device", "wasm", "webgpu", "auto"],
    decoders: [
      "decoders",
      ["momentum"],
      ["contrastive"],
      ["autoregressive", "block-diffusion", "speculative"],
      ["triptych-compare"],
    ],
    decoder: ["decoder", "momentum", "contrastive", "autoregressive", ["triptych-generate"]],
  };

test("every attribute is read, and either follows its property or stays as the page has written it", async ({
  page,
}) => {
  await openBare(page, "");
  for (const tag of BOTH) {
    const reflected = Object.entries(REFLECTED).filter(([, [, , , tags = BOTH]]) => tags.includes(tag));
    const initial = Object.entries(INITIAL).filter(([, [, , , , tags = BOTH]]) => tags.includes(tag));
    const found = await page.evaluate(
      async ([tag, reflected, initial]) => {
        type Element = CompareElement & Record<string, unknown>;
        const Class = customElements.get(tag) as unknown as { observedAttributes: string[] };
        const facts: Record<string, unknown[]> = {};
        const begin = (attribute: string, value: unknown) => {
          const element = document.createElement(tag) as Element;
          document.body.append(element);
          if (value !== false) element.setAttribute(attribute, value === true ? "" : String(value));
          return element;
        };
        for (const [attribute, [property, value, other]] of [...reflected, ...initial]) {
          const element = begin(attribute, value);
          const read = element[property];
          Object.assign(element, { [property]: other });
          await element.updateComplete;
          const after = element.getAttribute(attribute);
          element.removeAttribute(attribute);
          facts[attribute] = [read, after, element[property]];
          element.remove();
        }
        return { observed: Class.observedAttributes.toSorted(), facts };
      },
      [tag, reflected, initial] as const,
    );
    expect(found.observed).toEqual([...reflected, ...initial].map(([name]) => name).toSorted());
    for (const [name, [, value, other]] of reflected) {
      const isFlag = typeof value === "boolean";
      const unset = isFlag ? false : name === "name" ? "" : undefined;
      expect(found.facts[name], `${tag} ${name}`).toEqual([value, isFlag ? null : other, unset]);
    }
    for (const [name, [, value, , unset]] of initial)
      expect(found.facts[name], `${tag} ${name}`).toEqual([value, String(value), unset]);
  }
});

test("what is set before its definition or in the middle of a run holds from the next one", async ({ page }) => {
  await openBare(page, "");
  const seen = await page.evaluate(async () => {
    const early = document.createElement("triptych-later");
    Object.assign(early, {
      prompt: "Once upon a time",
      models: "/models/",
      maxNewTokens: 4,
      name: "early",
      disabled: true,
    });
    document.body.append(early);
    const Base = customElements.get("triptych-generate") as CustomElementConstructor;
    customElements.define("triptych-later", class extends Base {});
    const element = early as unknown as CompareElement & { decoder: string; name: string; value: string };
    await element.updateComplete;
    const upgraded = [
      element.prompt,
      element.getAttribute("models"),
      element.getAttribute("name"),
      element.matches(":disabled"),
    ];
    const panes = new Set<string>();
    element.addEventListener("triptych-event", ({ detail }) => {
      panes.add(`${detail.pane} ${detail.event.type === "start" ? detail.event.options.max_new_tokens : ""}`.trim());
      element.decoder = "momentum";
      element.maxNewTokens = 3;
    });
    const first = await element.generate();
    const own = [...panes];
    panes.clear();
    const second = await element.generate();
    return { upgraded, first: Object.keys(first), own, second: Object.keys(second), next: [...panes] };
  });
  expect(seen).toEqual({
    upgraded: ["Once upon a time", "/models/", "early", true],
    first: ["autoregressive"],
    own: ["autoregressive 4", "autoregressive"],
    second: ["momentum"],
    next: ["momentum 3", "momentum"],
  });
});

test("a start that a listener prevents writes nothing, and the next one does", async ({ page }) => {
  await openBare(page, '<triptych-generate models="/models/" prompt="Once" max-new-tokens="3"></triptych-generate>');
  const seen = await page.evaluate(async () => {
    const element = document.querySelector("triptych-generate") as GenerateElement;
    const prompts: unknown[] = [];
    const prevent = (event: CustomEvent<{ prompt: unknown }>) => {
      prompts.push(event.detail.prompt);
      event.preventDefault();
    };
    document.addEventListener("triptych-start", prevent, { once: true });
    const prevented = await element.generate("Tom");
    const { busy } = element;
    return { prompts, prevented, busy, next: Object.keys(await element.generate()) };
  });
  expect(seen).toEqual({ prompts: ["Tom"], prevented: {}, busy: false, next: ["autoregressive"] });
});
