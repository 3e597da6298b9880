export { CompareElement } from "./compare-element.js";
export { GenerateElement } from "./generate-element.js";
export type { PaneEventDetail } from "./pane.js";
export type { PaneName, PaneOutcome, PaneOutcomes } from "./pane-outcome.js";
