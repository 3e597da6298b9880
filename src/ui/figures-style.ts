import { css } from "lit";

/** The look of the strip of figures below a pane, and of lists of terms elsewhere. */
export const figuresStyle = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 1px;
    background: var(--line);
    border-block: 1px solid var(--line);
  }
  /* By the width of its pane: labels break between words alone. */
  .pane-more {
    container: figures / inline-size;
  }
  @container figures (max-width: 21.5rem) {
    .figures {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  /* A figure that a decoder reports: no gap beside it */
  .figures div:last-child:nth-child(3n + 1) {
    grid-column: 1 / -1;
  }
  .figures div {
    background: var(--panel);
    padding: 0.45rem 0.6rem 0.5rem 0.9rem;
  }
  dt {
    font-size: 0.76rem;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  .figures dd {
    contain: size layout style;
    block-size: 1lh;
  }
  dd {
    font: 1.02rem / 1.3 var(--figure-font);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .figures div:first-child dd {
    color: var(--hue);
    font-weight: 650;
  }
`;
