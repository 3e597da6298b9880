import { css } from "lit";

/** The look of a token's card, and of the token that it is of. */
export const inspectorStyle = css`
  [part="text"] > span:not(.ghost) {
    cursor: pointer;
  }
  [part="text"] > span:focus-visible {
    outline-offset: 1px;
  }
  [data-inspected] {
    outline: 1px solid var(--accent);
    outline-offset: 1px;
  }
  [data-inspected="pinned"] {
    outline-width: 2px;
  }
  .token-card {
    position: fixed;
    inset: auto;
    margin: 0;
    inline-size: min(21rem, calc(100vw - 16px));
    max-block-size: calc(100vh - 16px);
    overflow: auto;
    padding: 0.6rem 0.8rem 0.7rem;
    color: var(--ink);
    background: var(--panel);
    border: 1px solid var(--muted);
    border-radius: 4px;
    box-shadow: 0 4px 18px #0003;
    font-size: 0.82rem;
    overflow-wrap: anywhere;
  }
  .token-card header {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
  }
  .token-card header .token-text {
    font-size: 1.05rem;
  }
  .token-card header button {
    min-inline-size: 24px;
    min-block-size: 24px;
  }
  .token-text {
    font-family: var(--figure-font);
    padding: 0 0.2em;
    border: 1px solid var(--line);
    border-radius: 2px;
  }
  .token-text.rejected {
    color: var(--rejected);
    text-decoration: line-through;
  }
  .token-state {
    flex: 1;
    color: var(--muted);
  }
  .token-card dl,
  .token-card p,
  .token-story,
  .token-likely {
    margin: 0.35rem 0 0;
  }
  .token-card dl > div {
    display: flex;
    gap: 0.5rem;
  }
  .token-card dt {
    min-inline-size: 6.5rem;
    color: var(--muted);
  }
  .token-card dd {
    font: inherit;
    white-space: normal;
  }
  .token-card [data-token] {
    font-variant-numeric: tabular-nums;
  }
  .token-story {
    padding-inline-start: 1.1rem;
    list-style: disc;
  }
  .token-card h3 {
    margin: 0.6rem 0 0;
    padding-block-start: 0.5rem;
    border-block-start: 1px solid var(--line);
    font-size: inherit;
  }
  .token-likely {
    padding: 0;
    list-style: none;
  }
  .token-likely li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 5rem 4.2rem;
    align-items: center;
    gap: 0.5rem;
    padding-block: 0.1rem;
  }
  .token-likely li > span:last-child {
    text-align: end;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .token-likely i {
    block-size: 0.55rem;
    background: var(--line);
  }
  .token-likely b {
    display: block;
    block-size: 100%;
    background: var(--accent);
  }
  .token-likely [data-shown] {
    font-weight: 650;
  }
  .token-note {
    color: var(--muted);
  }
  @media (forced-colors: active) {
    .token-likely i {
      outline: 1px solid CanvasText;
    }
    .token-likely b {
      background: Highlight;
    }
  }
`;
