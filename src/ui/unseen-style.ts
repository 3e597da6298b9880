import { css } from "lit";

/** What is heard and not seen: of every element, and of pages that draw with the elements' parts. */
export const unseenStyle = css`
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
`;
