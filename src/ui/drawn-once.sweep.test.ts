// @vitest-environment happy-dom
import type { PropertyValues } from "lit";
import { expect, it } from "vitest";
import { afterFrame } from "./after-frame.js";
import { CompareElement } from "./compare-element.js";

class Counted extends CompareElement {
  numDrawn = 0;
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.numDrawn++;
  }
}
customElements.define("counted-compare", Counted);

it("an element whose panes write draws once behind each frame, however much it is told of between two", async () => {
  const element = new Counted();
  document.body.append(element);
  await element.updateComplete;
  element.busy = true;
  await element.updateComplete;
  const before = element.numDrawn;
  for (let i = 0; i < 10; i++) {
    element.requestUpdate();
    await Promise.resolve();
  }
  expect(element.numDrawn).toBe(before);
  await afterFrame();
  await element.updateComplete;
  expect(element.numDrawn).toBe(before + 1);
  element.remove();
});
