import { css } from "lit";

/** The look of the timeline under the panes. */
export const timelineStyle = css`
  .timeline {
    margin-block-start: 1rem;
    padding: 0.7rem 0.9rem;
    background: var(--panel);
    border: 1px solid var(--line);
  }
  .timeline-keys {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.5rem;
  }
  .timeline-keys button {
    min-inline-size: 2.4rem;
    min-block-size: 2.2rem;
  }
  .timeline-keys .timeline-play {
    min-inline-size: 5rem;
    font-weight: 600;
  }
  .timeline-keys [aria-pressed="true"] {
    border-color: var(--accent);
    box-shadow: inset 0 -3px var(--accent);
  }
  .timeline-where {
    margin-inline-start: auto;
    font-size: 0.82rem;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .timeline > input {
    inline-size: 100%;
    margin: 0.6rem 0 0.3rem;
    padding: 0;
    border: 0;
    accent-color: var(--accent);
  }
  .timeline-rows {
    --hue: var(--accent);
    display: grid;
    gap: 0.2rem;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.82rem;
  }
  .timeline-rows li {
    display: grid;
    grid-template-columns: 9rem minmax(0, 1fr) 12rem;
    align-items: center;
    gap: 0.7rem;
  }
  .timeline-rows i {
    position: relative;
    block-size: 0.6rem;
    background: var(--line);
  }
  .timeline-rows b {
    display: block;
    block-size: 100%;
    background: var(--hue);
  }
  .timeline-rows u {
    position: absolute;
    inset-block: -3px;
    inline-size: 2px;
    margin-inline-start: -2px;
    background: var(--ink);
  }
  .timeline-rows li > span:last-child {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .timeline-rows [data-ended] > span:last-child::before {
    content: "■ ";
  }
  @media (forced-colors: active) {
    .timeline-rows i {
      outline: 1px solid CanvasText;
    }
    .timeline-rows b {
      background: Highlight;
    }
    .timeline-rows u {
      background: CanvasText;
    }
  }
  @container (max-width: 40rem) {
    .timeline-rows li {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .timeline-rows i {
      grid-row: 2;
      grid-column: 1 / 3;
    }
    .timeline-where {
      inline-size: 100%;
    }
  }
`;
