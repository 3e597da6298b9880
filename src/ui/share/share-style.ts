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
  .share .history ul {
    display: grid;
    gap: 0.4rem;
    margin: 0.5rem 0;
    padding: 0;
    max-block-size: 22rem;
    overflow: auto;
  }
  .share .history li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3rem 0.6rem;
    border-block-start: 1px solid var(--line);
    padding-block: 0.4rem;
  }
  .share .history li > span {
    flex: 1 1 16rem;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .share .history h3 {
    margin: 0;
    font-size: 1rem;
  }
  .share triptych-replay {
    --triptych-padding: 0;
    min-inline-size: 0;
  }
`;
