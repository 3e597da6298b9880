import { css } from "lit";

/** The look of what stands below the panes: clocks, legend, foot. */
export const footStyle = css`
  .clocks {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 0.4rem 2.4rem;
    padding-block: 0.5rem;
  }
  figcaption {
    padding-block-end: 0.35rem;
  }
  /* What stands beside a title that changes doesn't move with its length. */
  .clocks figcaption {
    display: flex;
    justify-content: space-between;
  }
  figcaption strong {
    color: var(--ink);
    font-weight: 650;
    margin-inline-end: 0.4rem;
  }
  .bar {
    display: grid;
    grid-template-columns: 8.8rem 1fr 5.2rem;
    align-items: center;
    gap: 0.7rem;
    font-size: 0.87rem;
    line-height: 1.5;
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
  .clocks .bar b {
    transform-origin: left;
  }
  .clocks .bar b:dir(rtl) {
    transform-origin: right;
  }
  /* From a fixed edge, so that a longer number moves nothing. */
  .bar output {
    contain: size layout style;
    block-size: 1lh;
    text-align: start;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .why,
  .foot {
    font-size: 0.82rem;
    color: var(--muted);
  }
  /* The sentence comes at a race's end, and moves nothing. */
  .summary-place {
    min-block-size: 3.7rem;
    font-size: 0.92rem;
    line-height: 1.4;
  }
  .why {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    gap: 0.2rem 2.4rem;
    line-height: 1.35;
    padding-block-end: 0.5rem;
  }
  @container (max-width: 40rem) {
    .summary-place {
      min-block-size: 7.5rem;
    }
    .clocks {
      column-gap: 0.8rem;
      padding-block: 0.2rem;
    }
    .clocks figcaption {
      padding: 0;
    }
    .clocks figcaption span {
      display: none;
    }
    .clocks .bar {
      grid-template-columns: 5.7rem minmax(0, 1fr) 2.6rem;
      gap: 0.25rem;
      font-size: 0.7rem;
      line-height: 1.35;
    }
    .clocks .bar span {
      overflow: hidden;
      white-space: nowrap;
      text-overflow: ellipsis;
    }
    .clocks .bar output {
      font-size: 0.76rem;
    }
    .legend {
      font-size: 0.78rem;
      line-height: 1.4;
      column-gap: 0.6rem;
      padding-block: 0.2rem;
    }
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.1rem 1.1rem;
    margin: 0;
    padding: 0.3rem 0 0.5rem;
    border-block-start: 1px solid var(--line);
    list-style: none;
    font: 0.87rem / 1.6 var(--text-font);
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
