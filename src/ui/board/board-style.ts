import { css } from "lit";

/** The look of a board: on the Sudoku page, and in replays. */
export const boardStyle = css`
  /* Of a replay: the whole of it is seen */
  .panes:not(.single) .paper:has(.board) {
    contain: content;
    block-size: auto;
  }
  .board {
    list-style: none;
    margin: 0 0 0.5rem;
    padding: 0;
    display: grid;
    grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
    max-inline-size: 17rem;
    border: 2px solid var(--ink);
  }
  .board li {
    box-sizing: border-box;
    position: relative;
    display: grid;
    place-items: center;
    aspect-ratio: 1;
    min-inline-size: 0;
    overflow: hidden;
    border: 0.5px solid var(--muted);
    font-size: 1.7rem;
    color: var(--hue);
  }
  .board[data-columns="4"] li:nth-child(4n + 2) {
    border-inline-end: 2px solid var(--ink);
  }
  .board[data-columns="4"] li:nth-child(n + 5):nth-child(-n + 8) {
    border-block-end: 2px solid var(--ink);
  }
  .board .clue {
    color: var(--ink);
    font-weight: 700;
  }
  .board .open {
    background: repeating-linear-gradient(115deg, #8883 0 3px, transparent 3px 7px);
  }
  @media (forced-colors: active) {
    .board .open {
      outline: 1px dashed CanvasText;
      outline-offset: -6px;
    }
  }
  .board .wrong {
    color: var(--rejected);
    text-decoration: line-through 2px;
  }
  .board small {
    position: absolute;
    inset: 0.15rem 0.3rem auto auto;
    font-size: 0.72rem;
    color: var(--muted);
  }
`;
