import { css } from "lit";

/** How panes stand beside each other by their number, and what tells kinds of decoders apart. */
export const panesStyle = css`
  .panes {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  .above-panes {
    display: flex;
    justify-content: space-between;
    align-items: start;
    gap: 0.4rem 1rem;
    padding-block-end: 0.4rem;
  }
  .above-panes > :first-child {
    min-inline-size: 0;
  }
  .add-pane {
    flex: none;
    margin-inline-start: auto;
  }
  /* Borders of neighbours lie on each other. */
  @container (min-width: 40rem) {
    .panes:is([data-count="2"], [data-count="4"], [data-count="6"]) {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  @container (min-width: 56rem) {
    .panes:not(.single, [data-count="1"]) {
      gap: 0;
      padding: 0 1px 1px 0;
    }
    .panes:not(.single, [data-count="1"]) .pane {
      margin: 0 -1px -1px 0;
    }
    .panes:is([data-count="3"], [data-count="5"], [data-count="6"]) {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
    /* So that the figures stand beside each other */
    .panes:not(.single) .law {
      min-block-size: calc(4lh + 0.6rem);
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
