import { css } from "lit";

/** The look of the models' panel and its chat. */
export const modelsStyle = css`
  form,
  section {
    display: grid;
    gap: 0.5rem;
  }
  .models {
    display: grid;
    gap: 1.1rem;
    padding-block: 0.6rem 1rem;
  }
  h3 {
    margin: 0;
    font-size: 0.95rem;
    font-weight: 650;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.7rem;
    align-items: end;
  }
  .row .wide {
    flex: 1 1 18rem;
    min-inline-size: 0;
  }
  .wide input {
    inline-size: 100%;
  }
  .note {
    font-size: 0.82rem;
    color: var(--muted);
    overflow-wrap: anywhere;
  }
  .drop {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.8rem;
    align-items: center;
    padding: 0.7rem 0.9rem;
    border: 1px dashed var(--muted);
    border-radius: 4px;
    color: var(--muted);
    font-size: 0.87rem;
  }
  .drop[data-over] {
    border-color: var(--accent);
    border-style: solid;
    color: var(--ink);
  }
  ul.list {
    display: grid;
    gap: 0;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  ul.list > li {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 0.8rem;
    align-items: baseline;
    padding: 0.45rem 0;
    border-block-start: 1px solid var(--line);
  }
  ul.list .what {
    flex: 1 1 16rem;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  ul.list .what small {
    display: block;
    color: var(--muted);
    font-size: 0.82rem;
  }
  progress {
    inline-size: 100%;
    block-size: 0.5rem;
    accent-color: var(--accent);
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 9rem), 1fr));
    gap: 0.4rem 1.2rem;
  }
  .facts div {
    min-inline-size: 0;
  }
  .facts dd {
    white-space: normal;
    font-family: var(--figure-font);
    font-size: 0.87rem;
    overflow-wrap: anywhere;
  }
  .talk {
    display: grid;
    gap: 0.6rem;
    max-block-size: 24rem;
    overflow-y: auto;
    padding: 0.7rem 0.9rem;
    background: var(--panel);
    border: 1px solid var(--line);
    font: 1.05rem / 1.5 var(--text-font);
  }
  .talk p {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .talk .who {
    display: block;
    font: 0.78rem / 1.4 var(--font);
    color: var(--muted);
  }
  .chat textarea {
    min-block-size: 2.6rem;
    font-size: 1.05rem;
  }
`;
