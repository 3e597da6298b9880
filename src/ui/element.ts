export { CompareElement } from "./compare-element.js";
export { GenerateElement } from "./generate-element.js";
export type { PaneEventDetail, PaneName, PaneOutcome, PaneOutcomes } from "./pane.js";
