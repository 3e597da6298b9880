// @vitest-environment happy-dom
import { render } from "lit";
import { expect, it } from "vitest";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import { offersOf } from "../decode/offers.js";
import type { Option } from "../decode/options.js";
import { hashedModels } from "../testing/rehearsal.js";
import { renderOptions } from "./controls.js";

/** What a pane of block-diffusion shows below its controls, by option: the reason, and whether the control is disabled. */
async function reasonsBeside(chosen: Record<string, unknown>) {
  const { target } = hashedModels("blocks");
  const offers = await offersOf(blockDiffusion, { target: target.capabilities }, { temperature: 0 }, chosen);
  const options = Object.entries<Option>(blockDiffusion.options);
  const page = document.createElement("div");
  render(renderOptions({ title: "", options, chosen, offers, onChange: () => {} }), page);
  return [...page.querySelectorAll(".field")].flatMap((field) => {
    const control = field.querySelector("input, select");
    const reason = field.querySelector("small.reason")?.textContent ?? null;
    return reason === null
      ? []
      : [{ name: control?.getAttribute("name"), reason, isDisabled: control?.matches(":disabled") }];
  });
}

it("a reason stands below what can't be chosen alone, a menu that nobody set among them", async () => {
  const untouched = await reasonsBeside({});
  const schedule = untouched.find(({ name }) => name === "schedule");
  expect(schedule?.reason).toMatch(/^schedule is an option of the commit_rule/);
  expect(untouched.find(({ name }) => name === "top_k")?.reason).toMatch(/^top_k changes nothing beside temperature 0/);
  expect(untouched.filter(({ isDisabled }) => !isDisabled)).toEqual([]);
  expect((await reasonsBeside({ denoising_steps: 3 })).map(({ name }) => name)).not.toContain("schedule");
});
