import { html, svg, type TemplateResult } from "lit";
import type { SlotId } from "../vocabulary/events.js";
import type { Round } from "./round.js";

/** Units of the drawing, which are CSS pixels. */
const CHAR_WIDTH = 7.3;
const ROW_HEIGHT = 22;
const GAP = 22;
const PAD = 5;
const MAX_CHARS = 12;

interface Node {
  label: string;
  kind: "accepted" | "rejected" | "recovered" | "bonus";
  column: number;
  row: number;
  /** Index of the node before it; -1 for the last known token. */
  parent: number;
}

/** The drafts of one round as a tree that grows to the right, the accepted path drawn through, the model's own token at its end. */
export function renderDraftTree(round: Round, texts: ReadonlyMap<SlotId, string>): TemplateResult {
  const nodes = placeNodes(round, texts);
  const columns: number[] = [];
  for (const { column, label } of nodes) columns[column] = Math.max(columns[column] ?? 0, label.length);
  const starts = [GAP];
  for (const chars of columns) starts.push(starts[starts.length - 1] + chars * CHAR_WIDTH + 2 * PAD + GAP);
  const width = starts[columns.length] - GAP + 2;
  const height = treeHeight(1 + Math.max(...nodes.map(({ row }) => row)));
  const x = ({ column }: Node) => starts[column];
  const y = ({ row }: Node) => row * ROW_HEIGHT + ROW_HEIGHT / 2;
  const boxWidth = ({ column }: Node) => columns[column] * CHAR_WIDTH + 2 * PAD;
  const edge = (node: Node) => {
    const from = nodes[node.parent];
    const fromX = from ? x(from) + boxWidth(from) : 6;
    const fromY = from ? y(from) : ROW_HEIGHT / 2;
    return svg`<path class=${node.kind} d="M${fromX} ${fromY}L${x(node)} ${y(node)}" />`;
  };
  return html`<svg class="draft-tree" role="img" aria-label=${describeRound(round, texts)}
    width=${width} height=${height} viewBox="0 0 ${width} ${height}">
    <circle cx="4" cy=${ROW_HEIGHT / 2} r="3" />
    ${nodes.map(edge)}
    ${nodes.map(
      (node) => svg`<g class=${node.kind}>
        <rect x=${x(node)} y=${y(node) - 9} width=${boxWidth(node)} height="18" rx="3" />
        <text x=${x(node) + PAD} y=${y(node) + 4}>${node.label}</text></g>`,
    )}
  </svg>`;
}

/** Pixels that a tree with so many leaves is high, the model's own token counted. */
export function treeHeight(numLeaves: number): number {
  return numLeaves * ROW_HEIGHT;
}

/** The same in words. */
function describeRound(round: Round, texts: ReadonlyMap<SlotId, string>): string {
  const list = (isWanted: boolean) =>
    round.drafts
      .filter(({ isAccepted }) => isAccepted === isWanted)
      .map(({ slot }) => `“${texts.get(slot) ?? ""}”`)
      .join(" ");
  const own = round.own ? `; then ${round.own.kind} “${texts.get(round.own.slot) ?? ""}”` : "";
  return `${round.drafts.length} drafted; accepted: ${list(true) || "none"}; rejected: ${list(false) || "none"}${own}.`;
}

/** Every leaf has a row of its own; a node stands in the row of its first child. */
function placeNodes(round: Round, texts: ReadonlyMap<SlotId, string>): Node[] {
  const nodes: Node[] = round.drafts.map(({ slot, parent, depth, isAccepted }) => ({
    label: showText(texts.get(slot)),
    kind: isAccepted ? "accepted" : "rejected",
    column: depth - 1,
    row: 0,
    parent,
  }));
  const last = round.drafts.findLastIndex(({ isAccepted }) => isAccepted);
  if (round.own) {
    const { slot, kind } = round.own;
    const column = last < 0 ? 0 : nodes[last].column + 1;
    nodes.push({ label: showText(texts.get(slot)), kind, column, row: 0, parent: last });
  }
  const children = new Map<number, number[]>();
  nodes.forEach(({ parent }, i) => {
    children.set(parent, [...(children.get(parent) ?? []), i]);
  });
  let numRows = 0;
  const place = (node: number): void => {
    const below = children.get(node) ?? [];
    if (below.length === 0) numRows++;
    else below.forEach(place);
    if (node >= 0) nodes[node].row = below.length > 0 ? nodes[below[0]].row : numRows - 1;
  };
  place(-1);
  return nodes;
}

/** A token's text with its white space visible, cut where it is long. */
function showText(text = ""): string {
  const shown = text.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  if (shown === "") return "∅";
  return shown.length > MAX_CHARS ? `${shown.slice(0, MAX_CHARS - 1)}…` : shown;
}
