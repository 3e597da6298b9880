import { css } from "lit";

/**
 * What is told by a background or a pale line elsewhere, for who asks for more contrast, or has the system's own few colours in place of a page's:
 * backgrounds and gradients are gone there.
 */
export const contrastStyle = css`
  @media (prefers-contrast: more) {
    :host {
      --muted: var(--triptych-muted, #2f3036);
      --line: var(--triptych-line, #6f7076);
      --autoregressive: var(--triptych-autoregressive, #163f80);
      --diffusion: var(--triptych-diffusion, #6b3500);
      --speculative: var(--triptych-speculative, #004d3c);
      --draft: var(--triptych-draft, #573900);
      --accepted: var(--triptych-accepted, #004d3c);
      --rejected: var(--triptych-rejected, #861009);
      --mask: var(--triptych-mask, #5b5c62);
    }
    .committed[data-move="accept"] {
      text-decoration-color: var(--accepted);
    }
    [part="text"] [data-masked]:is(.committed, .tentative),
    .key-unsure {
      border-block-end: calc((1 - var(--p, 0.3)) * 4px) solid var(--diffusion);
    }
    :focus-visible {
      outline-width: 3px;
    }
  }
  @media (prefers-contrast: more) and (prefers-color-scheme: dark) {
    :host {
      --muted: var(--triptych-muted, #d9d9de);
      --line: var(--triptych-line, #8e9098);
      --autoregressive: var(--triptych-autoregressive, #b6d2ff);
      --diffusion: var(--triptych-diffusion, #ffc98e);
      --speculative: var(--triptych-speculative, #86ecd3);
      --draft: var(--triptych-draft, #ffdb91);
      --accepted: var(--triptych-accepted, #86ecd3);
      --rejected: var(--triptych-rejected, #ffc2bb);
      --mask: var(--triptych-mask, #a3a6af);
    }
  }
  @media (forced-colors: active) {
    [part="text"] [data-masked]:is(.committed, .tentative),
    .key-unsure {
      border-block-end: calc((1 - var(--p, 0.3)) * 4px) solid Highlight;
    }
    .mask::before {
      border-color: CanvasText;
    }
    .travel,
    progress {
      border: 1px solid CanvasText;
    }
    .travel {
      block-size: 4px;
      margin-block-end: -2px;
    }
    .travel i,
    .bar b,
    .shares b {
      background: Highlight;
    }
    .bar i,
    .shares i {
      border-block-end: 1px solid CanvasText;
    }
    progress::-webkit-progress-value {
      background: Highlight;
    }
    progress::-moz-progress-bar {
      background: Highlight;
    }
    .replay .bars {
      fill: GrayText;
    }
    .replay .shown {
      fill: Highlight;
    }
    .go:enabled,
    button[aria-pressed="true"],
    .chip[aria-pressed="true"] {
      forced-color-adjust: none;
      color: HighlightText;
      background: Highlight;
      border-color: Highlight;
    }
    button:disabled {
      color: GrayText;
      border-color: GrayText;
    }
  }
`;
