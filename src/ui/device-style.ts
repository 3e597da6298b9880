import { css } from "lit";

/** The look of the panel "This device". */
export const deviceStyle = css`
  .device {
    padding-block: 0.6rem 0;
  }
  .device-parts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
    gap: 1.2rem 2.4rem;
    padding-block: 0.8rem 0.4rem;
    align-items: start;
  }
  .device-parts > * {
    min-inline-size: 0;
    overflow-x: auto;
  }
  .device-parts > .runs-on {
    grid-column: 1 / -1;
  }
  .device p {
    font-size: 0.82rem;
    color: var(--muted);
  }
  .device-act {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
    padding-block: 0.5rem 0.7rem;
  }
  .device-act progress {
    --hue: var(--accent);
    flex: 1 1 6rem;
    inline-size: auto;
  }
  .device table {
    border-collapse: collapse;
    font-size: 0.85rem;
  }
  .device th {
    font-weight: 400;
    color: var(--muted);
    text-align: start;
    white-space: nowrap;
  }
  .device td,
  .device thead th {
    font-variant-numeric: tabular-nums;
    text-align: end;
  }
  .device td {
    font-family: var(--figure-font);
  }
  .device :is(th, td) {
    padding: 0.1rem 0.55rem 0.1rem 0;
  }
  @container (max-width: 30rem) {
    .device table {
      font-size: 0.72rem;
    }
    .device :is(th, td) {
      padding-inline-end: 0.3rem;
    }
  }
  .limits td:last-child {
    font-family: inherit;
    color: var(--muted);
    text-align: start;
  }
`;
