// @vitest-environment happy-dom
import { render } from "lit";
import { expect, it } from "vitest";
import { toWire } from "../vocabulary/errors.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { Pane } from "./pane.js";
import { renderPane } from "./pane-view.js";

it("a failure is spoken once: not while other panes may fail alike, and not in a pane where it is said for all", () => {
  const host = { requestUpdate() {}, onPaneEvent() {}, onPaneError() {} };
  const pane = new Pane("autoregressive", "Autoregressive", "autoregressive", host);
  const error = toWire(new InvalidOptionError("max_new_tokens can't be -1."));
  pane.outcome = { error };
  pane.state = "error";
  const page = document.createElement("div");
  const draw = (shared: typeof error | null, isOpen: boolean) => {
    render(renderPane(pane, 4, undefined, shared, undefined, isOpen), page);
    const [alert] = page.querySelectorAll("[role=alert]");
    return { alert, shown: page.querySelector("[part=error]"), text: page.textContent };
  };
  const open = draw(null, true);
  expect(open.alert).toBeUndefined();
  expect(open.text).toContain("max_new_tokens can't be -1.");
  expect(draw(error, false).alert).toBeUndefined();
  const quiet = draw(null, true);
  const own = draw(null, false);
  expect(own.alert).toBe(own.shown);
  // A role that comes later isn't told by screen readers: the element is a new one.
  expect(own.alert).not.toBe(quiet.shown);
});
