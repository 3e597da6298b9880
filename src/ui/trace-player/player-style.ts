import { css } from "lit";

/** The controls below the panes of a replay. */
export const playerStyle = css`
  /* Whole lines: it stands in pages of any height, with no settings above it. */
  .panes:not(.single) .paper {
    block-size: var(--triptych-pane-height, calc(1.6rem + 6 * 1.95rem));
  }
  .panes .paper p {
    line-height: 1.95rem;
  }
  .pane-head h2 {
    white-space: normal;
  }
  .player {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.8rem;
    padding-block: 0.8rem;
  }
  .player input[type="range"] {
    flex: 1 1 12rem;
    min-inline-size: 8rem;
    accent-color: var(--accent);
  }
  .player output {
    min-inline-size: 13rem;
    font-size: 0.85rem;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .player button,
  .player select {
    font: inherit;
    color: var(--ink);
    background: var(--panel);
    border: 1px solid var(--muted);
    padding: 0.3rem 0.8rem;
    cursor: pointer;
  }
  .player button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  .recorded {
    margin-block-end: 0.8rem;
  }
`;
