import { css } from "lit";

/** The card of the tour, at the lower edge of what is seen of the page, and the mark of what it points at. */
export const tourStyle = css`
  .tour {
    position: sticky;
    inset-block-end: 0.5rem;
    z-index: 2;
    max-inline-size: 46rem;
    max-block-size: 50vh;
    overflow: auto;
    margin: 0.5rem auto 0;
    padding: 0.7rem 0.9rem;
    background: var(--panel);
    border: 2px solid var(--accent);
    border-radius: 4px;
    box-shadow: 0 2px 14px rgb(0 0 0 / 25%);
  }
  .tour h2 {
    font-size: 1rem;
    font-weight: 650;
  }
  .tour-says {
    padding-block: 0.1rem 0.5rem;
    font-size: 0.92rem;
    line-height: 1.4;
    text-wrap: pretty;
  }
  .tour-place,
  .tour-hint {
    font-size: 0.8rem;
    color: var(--muted);
  }
  .tour-keys {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem 0.5rem;
  }
  .tour-keys button {
    padding: 0.25rem 0.8rem;
  }
  .tour-keys [aria-disabled="true"] {
    cursor: default;
    color: var(--muted);
    border-style: dashed;
  }
  .tour-hint {
    margin-inline-start: auto;
  }
  @container (max-width: 40rem) {
    .tour-hint {
      display: none;
    }
  }
  [data-toured] {
    outline: 3px solid var(--accent);
    outline-offset: 1px;
    /* Scrolled to, it stands above the card. */
    scroll-margin-block: 0.6rem calc(var(--tour-room, 0px) + 1.2rem);
  }
  .pane-top[data-toured] {
    outline-offset: -3px;
  }
`;
