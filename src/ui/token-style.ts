import { css } from "lit";

/** The look of text: every state of a token differs in shape as well as in colour. */
export const tokenStyle = css`
  /* What runs from right to left has lines of its own, begun on the right */
  .paper p > span:dir(rtl) {
    display: block;
  }

  /* Token states: each differs in shape as well as in colour */
  .mask::before {
    content: "";
    display: inline-block;
    inline-size: 1.7em;
    block-size: 0.78em;
    margin-inline: 0.12em;
    border-radius: 2px;
    vertical-align: -0.06em;
    background: repeating-linear-gradient(115deg, var(--mask) 0 3px, transparent 3px 6px);
    border: 1px solid var(--mask);
  }
  /* The less sure the model was of what fills a mask, the darker the shade */
  [part="text"] [data-masked]:is(.committed, .tentative) {
    background: color-mix(in srgb, var(--hue) calc((1 - var(--p, 1)) * 34%), transparent);
  }
  .tentative::after {
    content: attr(data-text);
    text-decoration: underline dotted 1px var(--hue);
    text-underline-offset: 0.28em;
  }
  .committed[data-revised],
  .tentative[data-revised]::after {
    text-decoration: underline wavy 1px var(--hue);
    text-underline-offset: 0.28em;
  }
  .mask[data-revised]::before {
    border-style: dashed;
    border-color: var(--hue);
  }
  .draft::after {
    content: attr(data-text);
    color: var(--draft);
    border-block-end: 2px dotted currentColor;
  }
  .committed[data-move="accept"] {
    text-decoration: underline 2px color-mix(in srgb, var(--accepted) 55%, transparent);
    text-underline-offset: 0.28em;
  }
  /* What was written last. It doesn't fade: that would have every frame drawn anew. */
  [part="text"] .committed[data-fresh] {
    background: color-mix(in srgb, var(--hue) 22%, transparent);
  }
  .ghost {
    position: relative;
  }
  .ghost::after {
    content: attr(data-text);
    position: absolute;
    inset-block-end: 0.95em;
    inset-inline-start: 0;
    font-size: 0.72em;
    line-height: 1;
    max-inline-size: 14em;
    overflow: hidden;
    white-space: pre;
    background: var(--panel);
    color: var(--rejected);
    text-decoration: line-through;
    pointer-events: none;
  }
  @media (prefers-reduced-motion: no-preference) {
    [part="text"]:not([data-held]) .ghost::after {
      animation: leave 1.1s ease-in forwards;
    }
  }
  @keyframes leave {
    60% {
      opacity: 1;
    }
    to {
      opacity: 0;
      translate: 0 -0.35em;
    }
  }
  /* What the model wrote itself behind drafts */
  .committed[data-own="recovered"] {
    text-decoration: underline 2px dashed color-mix(in srgb, var(--rejected) 60%, transparent);
    text-underline-offset: 0.28em;
  }
  .committed[data-own="bonus"] {
    text-decoration: underline double 1px color-mix(in srgb, var(--accepted) 70%, transparent);
    text-underline-offset: 0.26em;
  }
`;
