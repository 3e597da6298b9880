import { css } from "lit";

/** The look of the charts. What the plot library places is placed here, since its own style sheet doesn't reach into an element. */
export const chartsStyle = css`
  .charts {
    --tone-0: var(--autoregressive);
    --tone-1: var(--diffusion);
    --tone-2: var(--speculative);
    --tone-3: #8a2f8f;
    --tone-4: #6b6a12;
    --tone-5: #a3264e;
    --tone-plain: var(--accent);
    --tone-quiet: var(--muted);
    --tone-bad: var(--rejected);
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
    gap: 1.8rem 2.4rem;
    padding-block: 0.9rem 0.6rem;
    align-items: start;
  }
  @media (prefers-color-scheme: dark) {
    .charts {
      --tone-3: #e09be4;
      --tone-4: #cfcb6a;
      --tone-5: #ff9bb8;
    }
  }
  .chart {
    min-inline-size: 0;
  }
  .chart .says,
  .chart .read,
  .chart-table p {
    font-size: 0.82rem;
    color: var(--muted);
  }
  .chart .read {
    min-block-size: 1lh;
    font-variant-numeric: tabular-nums;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .keys {
    display: flex;
    flex-wrap: wrap;
    gap: 0.1rem 1rem;
    margin: 0;
    padding: 0.35rem 0 0.2rem;
    list-style: none;
    font-size: 0.82rem;
  }
  .keys li {
    display: flex;
    align-items: center;
    gap: 0.4rem;
  }
  .chart-act {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 0.9rem;
    align-items: center;
  }
  .chart-act .over {
    font-size: 0.85rem;
    margin-inline-end: auto;
  }
  .chart-table {
    max-block-size: 20rem;
    overflow: auto;
    border: 1px solid var(--line);
  }
  .chart-table table {
    border-collapse: collapse;
    inline-size: 100%;
    font-size: 0.82rem;
    font-variant-numeric: tabular-nums;
  }
  .chart-table :is(th, td) {
    padding: 0.1rem 0.6rem;
    text-align: end;
    font-weight: 400;
  }
  .chart-table thead th {
    position: sticky;
    inset-block-start: 0;
    background: var(--panel);
    color: var(--muted);
  }
  .chart-table :is(th:first-child, tbody th) {
    text-align: start;
  }
  .uplot,
  .u-wrap {
    position: relative;
    user-select: none;
  }
  .uplot canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
  }
  .u-over,
  .u-under,
  .u-axis,
  .u-select,
  .u-cursor-x,
  .u-cursor-y {
    position: absolute;
  }
  .u-under {
    overflow: hidden;
  }
  .u-cursor-x,
  .u-cursor-y,
  .u-select {
    inset-block-start: 0;
    inset-inline-start: 0;
    pointer-events: none;
  }
  .u-hz .u-cursor-x {
    block-size: 100%;
    border-inline-end: 1px dashed var(--muted);
  }
  .u-vt .u-cursor-x {
    inline-size: 100%;
    border-block-end: 1px dashed var(--muted);
  }
  .u-off {
    display: none;
  }
`;
