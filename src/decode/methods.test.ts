import { describe, expect, it } from "vitest";
import { withFigures } from "../../scripts/method-figures.js";
import type { Capabilities } from "../seam/capabilities.js";
import { hashedModels, SAME_IDS } from "../testing/rehearsal.js";
import { planRun } from "./engine/plan.js";
import { decoders, findDecoder } from "./index.js";
import { COMMIT_RULES } from "./masks/commit/index.js";
import { type Method, methods } from "./methods.js";
import { draftSources } from "./speculative/drafters/index.js";

const KINDS: Readonly<Record<string, Parameters<typeof hashedModels>[0]>> = {
  "block-diffusion": "blocks",
  "masked-diffusion": "full",
  "window-diffusion": "masks-last",
  "any-subset": "subsets",
};

/** The plan of a method, on models that can have it. */
function planned(method: Method, name: string) {
  const decoder = findDecoder(name);
  const isFilled = method.options.drafter === "block-diffusion";
  const { target, draft } = hashedModels(isFilled ? "block-drafts" : (KINDS[name] ?? "causal"));
  // Ids of a vocabulary that these models haven't, and texts that only a tokenizer reads.
  const small: Readonly<Record<string, unknown>> = { ids: [1, 2, 3], map: { 1: 4 } };
  const ids = Object.entries(method.options).map(([option, value]) => [
    option,
    small[decoder.options[option].type] ?? value,
  ]);
  // Laws are compared only where tokens are drawn.
  const isGreedy = ["contrastive", "momentum"].includes(name) || method.options.verifier === "bild";
  const options = { max_new_tokens: 6, ...(isGreedy ? {} : { temperature: 1 }), ...Object.fromEntries(ids) };
  const capabilities: Capabilities = target.capabilities;
  const draftCapabilities = draft.capabilities;
  const request = { decoder, promptIds: [0, 3, 4, 1], capabilities, draftCapabilities, options, isMeasured: true };
  const plan = planRun({ ...request, retokenizer: SAME_IDS });
  return { plan, claim: decoder.claim({ canvas: plan.canvas, capabilities, maxNewTokens: 6, options: plan.options }) };
}

/** Values of a choice that no method has. */
const lacking = (option: string, values: readonly string[]) =>
  values.filter((value) => methods.every(({ options }) => options[option] !== value));

describe("the methods", () => {
  it("have every decoder, draft source, verifier and commit rule among them", () => {
    const names = new Set(methods.flatMap(({ decoders: own }) => own));
    expect(decoders.filter(({ name }) => !names.has(name))).toEqual([]);
    expect(
      lacking(
        "drafter",
        draftSources.map(({ name }) => name),
      ),
    ).toEqual([]);
    expect(
      lacking(
        "commit_rule",
        COMMIT_RULES.map(({ name }) => name),
      ),
    ).toEqual([]);
    const { verifier } = findDecoder("speculative").options;
    // The default stands in every other method.
    const others = verifier.type === "enum" ? verifier.values.filter((name) => name !== "coupling") : [];
    expect(others.length).toBeGreaterThan(4);
    expect(lacking("verifier", others)).toEqual([]);
  });

  it("have names of their own, and ideas of two sentences", () => {
    for (const key of ["id", "name"] as const)
      expect(new Set(methods.map((one) => one[key])).size).toBe(methods.length);
    for (const { name, idea, here, weights } of methods) {
      expect(idea.match(/[.!?](?= [A-Z]|$)/g), name).toHaveLength(2);
      for (const text of [here, weights]) expect(text, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("name recordings that are there, and rows of them", () => {
    const figures = withFigures(methods).flatMap(({ figure }) => figure ?? []);
    expect(figures.length).toBeGreaterThan(15);
    for (const { tokensPerForward, date } of figures) {
      expect(tokensPerForward).toBeGreaterThan(0.5);
      expect(date).toMatch(/^2\d{3}-\d\d-\d\d$/);
    }
  });
});

describe.each(methods)("$name", (method) => {
  it.each(method.decoders)("has options that %s takes, and says of the text what its law says", (name) => {
    const { claim } = planned(method, name);
    expect(claim.fidelity !== "approximate").toBe(method.axes.lossless);
  });
});
