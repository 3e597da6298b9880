import { css } from "lit";

/** How panes stand beside each other by their number, and what tells kinds of decoders apart. */
export const panesStyle = css`
  .panes {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    /* Borders of neighbours lie on each other. */
    padding: 0 1px 1px 0;
  }
  /*
   * Of a comparison first what panes write, beside or below each other, then what is shown of all together, then what more there is to each:
   * texts, clocks and legend stand in one view.
   */
  .panes:not(.single) .pane {
    display: contents;
  }
  .pane-top {
    order: 1;
  }
  .between {
    order: 2;
    grid-column: 1 / -1;
  }
  .for-all {
    order: 3;
    grid-column: 1 / -1;
    display: flex;
    justify-content: space-between;
    align-items: start;
    gap: 0.4rem 1rem;
    min-block-size: 2.4rem;
    padding-block-end: 0.4rem;
  }
  .add-pane {
    flex: none;
    margin-inline-start: auto;
  }
  .pane-more {
    order: 4;
  }
  /* As tall as leaves room for what stands in the same view. */
  .panes:not(.single) .paper {
    block-size: var(--triptych-pane-height, clamp(4.2rem, (100dvh - 44rem) / 3, 12rem));
  }
  @container (min-width: 40rem) {
    .panes:is([data-count="2"], [data-count="4"], [data-count="6"], [data-count="8"]) {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  @container (min-width: 56rem) {
    .panes:not(.single) .paper {
      block-size: var(--triptych-pane-height, clamp(10rem, 100dvh - 36rem, 19rem));
    }
    /* Beside two marks a sentence takes two lines; their room is there before, and a second one moves nothing. */
    .panes:not(.single) .foot-line {
      align-items: start;
    }
    .panes:not(.single) .step {
      white-space: normal;
      align-content: start;
      min-block-size: 2.3rem;
    }
    .panes:is([data-count="3"], [data-count="5"], [data-count="6"]) {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    .panes:is([data-count="7"], [data-count="8"]) {
      grid-template-columns: repeat(4, minmax(0, 1fr));
    }
    /* So that the figures stand beside each other, and stay where they are when a run has begun or ended. */
    .panes:not(.single) .law-place {
      min-block-size: 6rem;
    }
    .panes:not(.single) .replay-place {
      min-block-size: 3.6rem;
    }
  }
  /* How a pane's decoder writes: a colour and a mark. */
  [data-kind="autoregressive"] {
    --hue: var(--autoregressive);
    --sign: "→";
  }
  [data-kind="diffusion"] {
    --hue: var(--diffusion);
    --sign: "▦";
  }
  [data-kind="speculative"] {
    --hue: var(--speculative);
    --sign: "⇉";
  }
  [data-kind] h2::before,
  .bar[data-kind] > span::before {
    content: var(--sign) " " / "";
    color: var(--hue);
  }
`;
