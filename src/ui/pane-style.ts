import { css } from "lit";

/** The look of a pane: its head, paper, marks and errors. */
export const paneStyle = css`
  .pane {
    --hue: var(--accent);
  }
  .pane-top,
  .pane-more {
    display: flex;
    flex-direction: column;
    margin: 0 -1px -1px 0;
    background: var(--panel);
    border: 1px solid var(--line);
  }
  .panes:not(.single) .pane-more {
    border-block-start: 2px solid var(--hue);
  }
  .pane-head {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    padding: 0.15rem 0.9rem;
  }
  /* One above the other: beside the buttons a line has no room for both. */
  .pane-name {
    flex: 1;
    min-inline-size: 0;
  }
  .pane-head h2 {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    font-size: 1rem;
    line-height: 1.1;
    font-weight: 650;
    color: var(--hue);
  }
  .icon {
    display: inline-grid;
    place-content: center;
    align-self: center;
    min-inline-size: 24px;
    min-block-size: 24px;
    padding: 0;
  }
  .icon svg {
    inline-size: 13px;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.6;
  }
  .status {
    display: block;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    font-size: 0.76rem;
    line-height: 1.15;
    color: var(--muted);
  }
  .travel {
    block-size: 2px;
    background: var(--line);
  }
  /* Drawn longer, not laid out longer: nothing else of the page is looked at for it. */
  .travel i {
    display: block;
    block-size: 100%;
    transform-origin: left;
    background: var(--hue);
  }
  .travel i:dir(rtl) {
    transform-origin: right;
  }
  /* What is written in it moves nothing else, which isn't laid out for it: its size is set. */
  .paper {
    contain: size layout style;
    position: relative;
    block-size: var(--triptych-pane-height, 19rem);
    overflow: hidden auto;
    overflow-anchor: none;
    padding: 0.7rem 0.9rem 0.9rem;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
  }
  .paper:focus-visible {
    outline-offset: -3px;
  }
  .paper p {
    font: 1.06rem / 1.85 var(--text-font);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  [part="prompt"],
  [part="text"] .prompt,
  .key-prompt {
    color: var(--muted);
  }
  /* Over the paper's foot: it comes and goes, and moves no text. */
  .loading {
    position: absolute;
    inset: auto 0 0;
    display: grid;
    gap: 0.3rem;
    padding: 0.3rem 0.9rem 0.4rem;
    background: var(--panel);
    font-size: 0.85rem;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  progress {
    appearance: none;
    inline-size: 100%;
    block-size: 6px;
    border: 0;
    background: var(--line);
    accent-color: var(--hue);
  }
  progress:indeterminate {
    background: linear-gradient(90deg, var(--line) 35%, var(--hue) 50%, var(--line) 65%) 50% / 200% 100%;
  }
  @media (prefers-reduced-motion: no-preference) {
    progress:indeterminate {
      animation: sweep 1.6s linear infinite;
    }
  }
  progress:indeterminate::-webkit-progress-bar {
    background: none;
  }
  @keyframes sweep {
    from {
      background-position: 100%;
    }
    to {
      background-position: 0;
    }
  }
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  progress::-webkit-progress-value {
    background: var(--hue);
  }
  progress::-moz-progress-bar {
    background: var(--hue);
  }
  .error {
    border-inline-start: 3px solid var(--rejected);
    padding: 0.1rem 0 0.1rem 0.7rem;
    margin-block-end: 0.8rem;
    font-size: 0.92rem;
    overflow-wrap: anywhere;
  }
  .calm {
    margin-block-end: 0.8rem;
    color: var(--muted);
  }
  .paper .calm {
    font: 0.92rem / 1.5 var(--font);
  }
  .error details {
    margin-block-start: 0.3rem;
    color: var(--muted);
  }
  .error strong {
    font-weight: 600;
  }
  .error ul {
    margin: 0.4rem 0 0;
    padding-inline-start: 1.1rem;
    color: var(--muted);
  }
  .here {
    margin: 0;
    padding: 0.3rem 0.9rem 0.4rem 2rem;
    font-size: 0.82rem;
    line-height: 1.4;
    border-inline-start: 3px solid var(--hue);
  }
  .foot-line {
    display: flex;
    align-items: center;
    gap: 0 0.3rem;
    padding: 0.15rem 0.9rem;
    border-block-start: 1px solid var(--line);
  }
  .step {
    contain: size layout style;
    flex: 1;
    min-block-size: 1.7rem;
    min-inline-size: 0;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    align-content: center;
    font-size: 0.87rem;
    line-height: 1.25;
    font-variant-numeric: tabular-nums;
    color: var(--hue);
  }
  /* Its marks stand in the line one by one: one more moves none. */
  .marks {
    display: contents;
  }
  .mark {
    font-size: 0.78rem;
    border: 1px solid var(--line);
    border-radius: 3px;
    padding: 0 0.35rem;
    white-space: nowrap;
    color: var(--muted);
  }
  .law {
    padding: 0.6rem 0.9rem;
    font-size: 0.8rem;
    line-height: 1.4;
    color: var(--muted);
  }
  .mark.good {
    color: var(--accepted);
    border-color: currentColor;
  }
  .mark.good::before {
    content: "= ";
  }
  .mark.bad {
    color: var(--rejected);
    border-color: currentColor;
  }
  .mark.bad::before {
    content: "≠ ";
  }
  .replay {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 0 0.7rem;
    padding: 0.35rem 0.9rem;
    border-block-end: 1px solid var(--line);
  }
  .replay .bars {
    grid-column: 1;
    inline-size: 100%;
    block-size: 1.1rem;
    fill: var(--line);
  }
  .replay .shown {
    fill: var(--hue);
  }
  .replay input {
    grid-column: 1;
    inline-size: 100%;
    margin: 0;
    padding: 0;
    border: 0;
    accent-color: var(--hue);
  }
  .replay output {
    grid-area: 1 / 2 / 3;
    min-inline-size: 9.5rem;
    text-align: end;
    font-size: 0.8rem;
    color: var(--muted);
  }
  .pane-more > .more {
    padding: 0.5rem 0.9rem;
  }
  .inner {
    padding-block: 0.2rem;
  }
`;
