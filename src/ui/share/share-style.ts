import { css } from "lit";

/** The look of the part that carries a race away. */
export const shareStyle = css`
  .share {
    display: grid;
    gap: 0.7rem;
    padding-block: 0.6rem;
  }
  .share .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.8rem;
  }
  .share button,
  .share select {
    font: inherit;
    color: var(--ink);
    background: var(--panel);
    border: 1px solid var(--muted);
    padding: 0.3rem 0.8rem;
    cursor: pointer;
  }
  .share button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  .share .file,
  .share .file input {
    max-inline-size: 100%;
    font: inherit;
  }
  .share p {
    margin: 0;
  }
  .share triptych-replay {
    --triptych-padding: 0;
    min-inline-size: 0;
  }
`;
