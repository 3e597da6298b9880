import { css } from "lit";

/** The look of the choice of a method. */
export const pickerStyle = css`
  .picker {
    inline-size: min(64rem, calc(100vw - 1rem));
    max-inline-size: none;
    block-size: min(48rem, calc(100vh - 1rem));
    max-block-size: none;
    padding: 0;
    border: 1px solid var(--line);
    color: var(--ink);
    background: var(--paper);
  }
  .picker[open] {
    display: flex;
    flex-direction: column;
  }
  .picker::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .picker > * {
    padding-inline: 1rem;
  }
  .picker > header {
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 1rem;
    padding-block: 0.8rem 0.3rem;
  }
  .picker h2 {
    font-size: 1.05rem;
  }
  .filters {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.5rem 0.9rem;
  }
  .filters input {
    inline-size: 11rem;
  }
  .shown {
    min-block-size: calc(1lh + 0.8rem);
    padding-block: 0.4rem;
    font-size: 0.82rem;
    color: var(--muted);
  }
  .methods {
    flex: 1;
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
    align-content: start;
    gap: 0.7rem;
    margin: 0;
    padding-block: 0.2rem 1rem;
    overflow-y: auto;
    list-style: none;
  }
  .method {
    display: flex;
    flex-direction: column;
    gap: 0.4rem;
    padding: 0.7rem 0.8rem;
    background: var(--panel);
    border: 1px solid var(--line);
    font-size: 0.85rem;
  }
  .method:has([aria-current]) {
    border: 2px solid var(--accent);
  }
  .method > button {
    padding-block: 0.25rem;
    text-align: start;
    font-weight: 650;
    color: var(--accent);
    border-color: currentcolor;
  }
  .method > button[aria-disabled="true"] {
    cursor: default;
    color: var(--muted);
    border-style: dashed;
  }
  .cannot {
    padding-inline-start: 0.6rem;
    border-inline-start: 3px solid var(--rejected);
    overflow-wrap: anywhere;
  }
  .axes {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .method dl {
    display: grid;
    gap: 0.25rem;
  }
  .method dd {
    font: inherit;
    white-space: normal;
  }
`;
