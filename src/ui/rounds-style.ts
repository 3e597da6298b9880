import { css } from "lit";

/** The look of rounds with drafts: the panel. */
export const roundsStyle = css`
  .rounds {
    --hue: var(--speculative);
    padding-block: 0 1rem;
  }
  .latest {
    box-sizing: content-box;
    max-block-size: 12rem;
    margin-block: 0.6rem;
    padding: 0.6rem;
    overflow: auto;
    scrollbar-width: thin;
    background: var(--panel);
    border: 1px solid var(--line);
    direction: ltr;
  }
  .draft-tree {
    display: block;
    font: 12px var(--figure-font);
  }
  .draft-tree circle {
    fill: var(--muted);
  }
  .draft-tree path {
    fill: none;
    stroke: var(--line);
    stroke-width: 1.5;
  }
  .draft-tree path:not(.rejected) {
    stroke: var(--hue);
    stroke-width: 2.5;
  }
  .draft-tree rect {
    fill: var(--paper);
    stroke: var(--line);
  }
  .draft-tree text {
    fill: var(--ink);
    white-space: pre;
  }
  .draft-tree .rejected text {
    fill: var(--rejected);
    text-decoration: line-through;
  }
  .draft-tree .accepted rect {
    stroke: var(--accepted);
    stroke-width: 2;
  }
  .draft-tree .recovered rect {
    stroke: var(--rejected);
    stroke-dasharray: 3 2;
  }
  .draft-tree .bonus rect {
    stroke: var(--accepted);
    stroke-width: 3.5;
  }
  .rounds-parts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));
    gap: 1rem 2.4rem;
    align-items: start;
  }
  .shares {
    border-collapse: collapse;
    inline-size: 100%;
    font-size: 0.85rem;
    font-variant-numeric: tabular-nums;
  }
  .shares caption {
    text-align: start;
    font-weight: 600;
    padding-block-end: 0.3rem;
  }
  .shares caption span {
    font-weight: 400;
    color: var(--muted);
  }
  .shares th {
    font-weight: 400;
    text-align: end;
    inline-size: 1.6rem;
    padding-inline-end: 0.5rem;
  }
  .shares td:last-child {
    text-align: end;
    inline-size: 5.5rem;
    color: var(--muted);
  }
  .gain dl {
    margin: 0 0 0.6rem;
    display: grid;
    gap: 0.5rem;
  }
  .gain p {
    font-size: 0.82rem;
    color: var(--muted);
  }
`;
