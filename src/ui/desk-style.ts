import { css } from "lit";

/** The look of the desk, and of the controls that panes have as well. */
export const deskStyle = css`
  .desk {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.5rem;
    padding-block-end: 0.5rem;
  }
  .ask {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0.4rem 0.7rem;
    align-items: center;
  }
  .prompt-label,
  .field span,
  figcaption,
  dt {
    font-size: 0.8rem;
    color: var(--muted);
  }
  textarea,
  input,
  select {
    font: inherit;
    color: inherit;
    background: var(--panel);
    border: 1px solid var(--line);
    border-radius: 4px;
    padding: 0.4rem 0.55rem;
  }
  input.number,
  output {
    font-family: var(--figure-font);
    font-size: 0.87rem;
  }
  textarea {
    inline-size: 100%;
    field-sizing: content;
    max-block-size: 8rem;
    resize: vertical;
    font: 1.08rem / 1.4 var(--text-font);
    padding: 0.4rem 0.7rem;
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  button {
    font: inherit;
    cursor: pointer;
    border-radius: 4px;
    border: 1px solid var(--line);
    background: none;
    color: var(--ink);
    padding: 0.4rem 0.9rem;
  }
  button:hover:enabled {
    border-color: var(--ink);
  }
  button:disabled {
    cursor: default;
    color: var(--muted);
    border-style: dashed;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
  }
  .chip {
    font: italic 0.92rem / 1.4 var(--text-font);
    padding: 0.15rem 0.6rem;
    color: var(--muted);
  }
  .chip[aria-pressed="true"] {
    color: var(--ink);
    border-color: var(--accent);
    box-shadow: inset 0 -2px var(--accent);
  }
  .setting {
    padding: 0.6rem 0.9rem 0;
  }
  .setting p {
    margin: 0.3rem 0 0;
    font-size: 0.82rem;
    color: var(--muted);
  }
  .quiet {
    padding: 0.1rem 0.5rem;
    font-size: 0.82rem;
    color: var(--muted);
  }
  /* Enabled or not it is as wide: it is disabled while the panes write, and nothing beside it moves. */
  .go {
    font-weight: 600;
  }
  .go:enabled {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  .settings {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.5rem 0.8rem;
  }
  .settings .hint {
    margin-inline-start: auto;
    text-align: end;
  }
  .settings .hint span {
    white-space: nowrap;
  }
  .field {
    display: grid;
    gap: 0.15rem;
  }
  .field label {
    display: grid;
    gap: 0.15rem;
  }
  .field .none {
    display: flex;
    align-items: center;
    gap: 0.35rem;
  }
  .field input.number {
    inline-size: 6.2rem;
  }
  .settings .field input.number {
    inline-size: 4.6rem;
  }
  .settings .wide select {
    inline-size: 12.5rem;
  }
  [aria-invalid="true"] {
    border-color: var(--rejected);
    outline: 1px solid var(--rejected);
  }
  .reason {
    max-inline-size: 17rem;
    font-size: 0.76rem;
    line-height: 1.35;
    color: var(--muted);
  }
  .about {
    flex-basis: 100%;
    max-inline-size: 34rem;
    margin: 0;
    font-size: 0.76rem;
    line-height: 1.35;
    color: var(--muted);
  }
  .reason summary {
    cursor: pointer;
  }
  .reason dd {
    font: inherit;
    white-space: normal;
    margin-block-end: 0.3rem;
  }
  .reason dt {
    color: var(--ink);
  }
  .left-out {
    font-size: 0.87rem;
  }
  .left-out ul {
    margin: 0;
    padding-inline-start: 1.1rem;
  }
  .refusal:empty {
    display: none;
  }
  .desk .refusal,
  .pane .refusal {
    margin: 0;
    font-size: 0.87rem;
    color: var(--rejected);
  }
  .pane .refusal {
    padding: 0 0.9rem 0.5rem;
  }
  .hint,
  .runs-on {
    font-size: 0.8rem;
    color: var(--muted);
  }
  kbd {
    font: inherit;
    border: 1px solid var(--line);
    border-radius: 3px;
    padding: 0 0.25rem;
  }
  .field input[type="checkbox"] {
    justify-self: start;
    margin-block: 0.65rem;
  }
  .wide input,
  .wide select {
    inline-size: 17rem;
    max-inline-size: 100%;
  }
  .seed {
    display: flex;
    align-items: end;
    gap: 0.35rem;
  }
  .seed .quiet {
    padding-block: 0.5rem;
  }
  .act {
    display: flex;
    gap: 0.5rem;
  }
  /* On a phone one row, pushed aside, so that panes and clocks are seen at once. */
  @container (max-width: 40rem) {
    .ask {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .prompt-label {
      position: absolute;
      clip-path: inset(50%);
    }
    /* The one of the two that does something, in the room that both have. */
    .act {
      display: grid;
      grid-auto-flow: column;
    }
    .act > button {
      grid-area: 1 / 1;
    }
    .act button:disabled {
      visibility: hidden;
    }
    textarea {
      font-size: 1rem;
    }
    .settings {
      flex-wrap: nowrap;
      overflow-x: auto;
      scrollbar-width: thin;
      padding: 0 3px 3px;
    }
    .settings > * {
      flex: none;
    }
    .settings select {
      max-inline-size: 8rem;
    }
    .settings .hint {
      display: none;
    }
  }
  .more summary {
    min-block-size: 24px;
    cursor: pointer;
    font-size: 0.87rem;
    color: var(--muted);
    inline-size: fit-content;
  }
  .count {
    color: var(--accent);
  }
  .fields {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem 0.9rem;
    padding-block: 0.5rem 0.2rem;
  }
`;
