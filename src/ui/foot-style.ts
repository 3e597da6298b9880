import { css } from "lit";

/** The look of what stands below the panes: clocks, legend, foot. */
export const footStyle = css`
  .clocks {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    gap: 1.2rem 2.4rem;
    padding-block: 1.4rem 1.1rem;
  }
  figcaption {
    padding-block-end: 0.35rem;
  }
  figcaption strong {
    color: var(--ink);
    font-weight: 650;
    margin-inline-end: 0.4rem;
  }
  .bar {
    display: grid;
    grid-template-columns: 8.8rem 1fr 4.6rem;
    align-items: center;
    gap: 0.7rem;
    font-size: 0.87rem;
    line-height: 1.75;
  }
  .bar i,
  .shares i {
    display: block;
    block-size: 9px;
    background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat;
  }
  .bar b,
  .shares b {
    display: block;
    block-size: 100%;
    background: var(--hue);
  }
  .bar output {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .clocks p,
  .foot {
    font-size: 0.82rem;
    color: var(--muted);
  }
  .clocks p {
    padding-block-start: 0.35rem;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 1.3rem;
    margin: 0;
    padding: 0.55rem 0;
    border-block: 1px solid var(--line);
    list-style: none;
    font: 0.95rem / 1.6 var(--text-font);
  }
  .key-unsure {
    background: color-mix(in srgb, var(--diffusion) 28%, transparent);
  }
  .legend [data-revised] {
    --hue: var(--diffusion);
  }
  .key-rejected {
    color: var(--rejected);
    font-size: 0.85em;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1.6rem;
    padding-block: 0.7rem;
  }
`;
