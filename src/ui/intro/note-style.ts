import { css } from "lit";

/** The look of what is said above the panes, and of their heads and lines on a phone. */
export const noteStyle = css`
  .note {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.2rem 0;
    padding-block-end: 0.5rem;
  }
  .note:not([data-keeps]):not(:has(p, button, .error)) {
    padding: 0;
  }
  .note[data-keeps] {
    min-block-size: 2.6rem;
  }
  .note .error {
    flex-basis: 100%;
  }
  .recorded {
    flex: 1 1 20rem;
    font-size: 0.87rem;
    line-height: 1.35;
    border-inline-start: 3px solid var(--accent);
    padding-inline-start: 0.6rem;
  }
  .recorded-act {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
  }
  .recorded-act button {
    padding: 0.15rem 0.6rem;
    font-size: 0.87rem;
  }
  @container (max-width: 40rem) {
    .pane-head {
      padding-block: 0.1rem 0;
    }
    .panes:not(.single) .paper {
      padding: 0.35rem 0.9rem;
    }
    .panes:not(.single) .paper p {
      font-size: 0.92rem;
      line-height: 1.4rem;
    }
    /* Whole lines, two at least */
    @supports (block-size: round(down, 1px, 1px)) {
      .panes:not(.single) .paper {
        padding-block: 0;
        block-size: var(--triptych-pane-height, clamp(2.8rem, round(down, (100dvh - 38.5rem) / 3, 1.4rem), 11.2rem));
      }
    }
    .step {
      min-block-size: 1.5rem;
      font-size: 0.78rem;
    }
    .pane-head {
      gap: 0.3rem;
    }
    .pane-head h2 {
      font-size: 0.88rem;
      line-height: 1.05;
    }
    .pane-head .status {
      font-size: 0.7rem;
      line-height: 1.05;
    }
    .pane-head .quiet {
      font-size: 0.76rem;
      padding-inline: 0.3rem;
    }
    .mark {
      font-size: 0.74rem;
      padding-inline: 0.3rem;
    }
    .foot-line {
      padding-block: 0;
    }
    /* That it is identical is what the comparison says as well. */
    .foot-line:has([part="badge"]) [part="fidelity"] {
      display: none;
    }
    .note[data-keeps] {
      min-block-size: 4.5rem;
    }
    .recorded,
    .recorded-act button {
      font-size: 0.8rem;
    }
    .recorded-act {
      gap: 0.25rem;
    }
    .recorded-act button {
      padding-inline: 0.3rem;
      white-space: nowrap;
    }
  }
`;
