// Longer than most files: one sheet for both elements, so that a custom property is declared and used in one place.
import { css } from "lit";

/**
 * The elements' look. Override on the element: `--triptych-paper` (page), `--triptych-panel` (panes), `--triptych-ink`,
 * `--triptych-muted`, `--triptych-line`, `--triptych-accent` (buttons, focus), `--triptych-autoregressive`,
 * `--triptych-diffusion`, `--triptych-speculative` (panes), `--triptych-draft`, `--triptych-accepted`, `--triptych-rejected`,
 * `--triptych-mask` (token states), `--triptych-font`, `--triptych-text-font`, `--triptych-figure-font`,
 * `--triptych-pane-height` (height of the text, default 19rem), `--triptych-padding` (default 1rem).
 */
export const style = css`
  :host {
    --paper: var(--triptych-paper, #f7f6f2);
    --panel: var(--triptych-panel, #fffefb);
    --ink: var(--triptych-ink, #1c1d21);
    --muted: var(--triptych-muted, #5c5e66);
    --line: var(--triptych-line, #d9d7cf);
    --accent: var(--triptych-accent, #17448f);
    --on-accent: var(--triptych-on-accent, #ffffff);
    --autoregressive: var(--triptych-autoregressive, #2f62b0);
    --diffusion: var(--triptych-diffusion, #a8590a);
    --speculative: var(--triptych-speculative, #087a63);
    --draft: var(--triptych-draft, #8a5a00);
    --accepted: var(--triptych-accepted, #087a63);
    --rejected: var(--triptych-rejected, #b3261e);
    --mask: var(--triptych-mask, #c9c5b8);
    --font: var(--triptych-font, system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
    --text-font: var(--triptych-text-font, Charter, "Bitstream Charter", "Iowan Old Style", "Source Serif 4", Georgia, serif);
    --figure-font: var(--triptych-figure-font, ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace);
    color-scheme: light dark;
    display: block;
    color: var(--ink);
    background: var(--paper);
    padding: var(--triptych-padding, 1rem);
    font: 15px / 1.5 var(--font);
    container-type: inline-size;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --paper: var(--triptych-paper, #131417);
      --panel: var(--triptych-panel, #1a1c20);
      --ink: var(--triptych-ink, #e9e7e1);
      --muted: var(--triptych-muted, #a5a6ab);
      --line: var(--triptych-line, #34373e);
      --accent: var(--triptych-accent, #9cc0ff);
      --on-accent: var(--triptych-on-accent, #0d1a33);
      --autoregressive: var(--triptych-autoregressive, #86b2f7);
      --diffusion: var(--triptych-diffusion, #f0a95b);
      --speculative: var(--triptych-speculative, #55cfb2);
      --draft: var(--triptych-draft, #e5bb62);
      --accepted: var(--triptych-accepted, #55cfb2);
      --rejected: var(--triptych-rejected, #ff9a8f);
      --mask: var(--triptych-mask, #4a4e57);
    }
  }
  * {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  h2,
  p,
  dl,
  dd,
  figure {
    margin: 0;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }

  /* Desk */
  .desk {
    display: grid;
    gap: 0.5rem;
    padding-block-end: 1.1rem;
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
    min-block-size: 4rem;
    resize: vertical;
    font: 1.15rem / 1.5 var(--text-font);
    padding: 0.6rem 0.8rem;
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
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
  .chip {
    font: italic 0.92rem / 1.4 var(--text-font);
    padding: 0.15rem 0.6rem;
    color: var(--muted);
  }
  .chip[aria-pressed="true"] {
    color: var(--ink);
    border-color: var(--accent);
  }
  .setting {
    padding: 0.6rem 0.9rem 0;
  }
  .decoder {
    padding: 0.7rem 0.9rem 0;
  }
  .decoder .field {
    grid-template-columns: auto minmax(0, 1fr);
    align-items: center;
    gap: 0.6rem;
  }
  .decoder .reason {
    max-inline-size: none;
    margin-block-start: 0.2rem;
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
  .go:enabled {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  .settings {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.7rem 0.9rem;
  }
  .field {
    display: grid;
    gap: 0.15rem;
  }
  .field label {
    display: grid;
    gap: 0.15rem;
  }
  .field input.number {
    inline-size: 6.2rem;
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
  .recorded {
    margin-block-end: 0.8rem;
    padding: 0.5rem 0.9rem;
    border: 1px dashed var(--accent);
    font-size: 0.92rem;
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
  .hint {
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
    margin-inline-start: auto;
  }
  .more summary {
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

  /* Panes */
  .panes {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  @container (min-width: 56rem) {
    .panes:not(.single) {
      grid-template-columns: repeat(3, minmax(0, 1fr));
      gap: 0;
    }
    .panes:not(.single) .pane + .pane {
      border-inline-start: 0;
    }
    /* So that the figures stand beside each other */
    .panes:not(.single) .law {
      min-block-size: calc(4lh + 0.6rem);
    }
  }
  .pane {
    --hue: var(--accent);
    display: flex;
    flex-direction: column;
    background: var(--panel);
    border: 1px solid var(--line);
  }
  [data-pane="autoregressive"] {
    --hue: var(--autoregressive);
  }
  [data-pane="diffusion"],
  [data-pane="block-diffusion"] {
    --hue: var(--diffusion);
  }
  [data-pane="speculative"] {
    --hue: var(--speculative);
  }
  .pane-head {
    display: flex;
    align-items: baseline;
    gap: 0.6rem;
    padding: 0.6rem 0.9rem 0.45rem;
  }
  .pane-head h2 {
    font-size: 1rem;
    font-weight: 650;
    color: var(--hue);
  }
  .status {
    flex: 1;
    font-size: 0.82rem;
    color: var(--muted);
  }
  .travel {
    block-size: 2px;
    background: var(--line);
  }
  .travel i {
    display: block;
    block-size: 100%;
    background: var(--hue);
  }
  .paper {
    position: relative;
    block-size: var(--triptych-pane-height, 19rem);
    overflow: hidden auto;
    overflow-anchor: none;
    padding: 0.9rem 0.9rem 1.2rem;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
  }
  .paper:focus-visible {
    outline-offset: -3px;
  }
  .paper p {
    font: 1.06rem / 1.85 var(--text-font);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  [part="prompt"],
  [part="text"] .prompt,
  .key-prompt {
    color: var(--muted);
  }

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
  /* The less sure the model was, the darker the shade */
  [data-pane*="diffusion"] [part="text"] :is(.committed, .tentative) {
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
    [part="text"] .committed {
      animation: arrive 0.7s ease-out;
    }
    .ghost::after {
      animation: leave 1.1s ease-in forwards;
    }
    .travel i,
    .bar b {
      transition: inline-size 0.12s linear;
    }
  }
  @keyframes arrive {
    from {
      background: color-mix(in srgb, var(--hue) 28%, transparent);
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

  .loading {
    display: grid;
    gap: 0.3rem;
    margin-block-end: 0.8rem;
    font-size: 0.85rem;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  progress {
    appearance: none;
    inline-size: 100%;
    block-size: 6px;
    border: 0;
    background: var(--line);
    accent-color: var(--hue);
  }
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  progress::-webkit-progress-value {
    background: var(--hue);
  }
  progress::-moz-progress-bar {
    background: var(--hue);
  }
  .error {
    border-inline-start: 3px solid var(--rejected);
    padding: 0.1rem 0 0.1rem 0.7rem;
    margin-block-end: 0.8rem;
    font-size: 0.92rem;
    overflow-wrap: anywhere;
  }
  .calm {
    margin-block-end: 0.8rem;
    color: var(--muted);
  }
  .paper .calm {
    font: 0.92rem / 1.5 var(--font);
  }
  .error details {
    margin-block-start: 0.3rem;
    color: var(--muted);
  }
  .error strong {
    font-weight: 600;
  }
  .error ul {
    margin: 0.4rem 0 0;
    padding-inline-start: 1.1rem;
    color: var(--muted);
  }
  .marks {
    display: flex;
    gap: 0.4rem;
    min-block-size: 2rem;
    padding: 0.1rem 0.9rem 0.4rem;
    align-items: center;
  }
  .mark {
    font-size: 0.8rem;
    border: 1px solid var(--line);
    border-radius: 3px;
    padding: 0 0.45rem;
    color: var(--muted);
  }
  .law {
    padding: 0 0.9rem 0.6rem;
    font-size: 0.8rem;
    line-height: 1.4;
    color: var(--muted);
  }
  .mark.good {
    color: var(--accepted);
    border-color: currentColor;
  }
  .mark.good::before {
    content: "= ";
  }
  .mark.bad {
    color: var(--rejected);
    border-color: currentColor;
  }
  .mark.bad::before {
    content: "≠ ";
  }
  .replay {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 0 0.7rem;
    padding: 0.35rem 0.9rem;
    border-block-start: 1px solid var(--line);
  }
  .replay .bars {
    grid-column: 1;
    inline-size: 100%;
    block-size: 1.1rem;
    fill: var(--line);
  }
  .replay .shown {
    fill: var(--hue);
  }
  .replay input {
    grid-column: 1;
    inline-size: 100%;
    margin: 0;
    padding: 0;
    border: 0;
    accent-color: var(--hue);
  }
  .replay output {
    grid-area: 1 / 2 / 3;
    min-inline-size: 9.5rem;
    text-align: end;
    font-size: 0.8rem;
    color: var(--muted);
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 1px;
    background: var(--line);
    border-block: 1px solid var(--line);
  }
  @container (max-width: 26rem) {
    .figures {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
  .figures div {
    background: var(--panel);
    padding: 0.45rem 0.6rem 0.5rem 0.9rem;
  }
  dt {
    font-size: 0.76rem;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  dd {
    font: 1.02rem / 1.3 var(--figure-font);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .figures div:first-child dd {
    color: var(--hue);
    font-weight: 650;
  }
  .pane > .more {
    padding: 0.5rem 0.9rem;
  }
  .inner {
    padding-block: 0.2rem;
  }

  /* Clocks, legend, foot */
  .clocks {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    gap: 1.2rem 2.4rem;
    padding-block: 1.4rem 1.1rem;
  }
  figcaption {
    padding-block-end: 0.35rem;
  }
  figcaption strong {
    color: var(--ink);
    font-weight: 650;
    margin-inline-end: 0.4rem;
  }
  .bar {
    display: grid;
    grid-template-columns: 7.2rem 1fr 4.6rem;
    align-items: center;
    gap: 0.7rem;
    font-size: 0.87rem;
    line-height: 1.75;
  }
  .bar i,
  .shares i {
    display: block;
    block-size: 9px;
    background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat;
  }
  .bar b,
  .shares b {
    display: block;
    block-size: 100%;
    background: var(--hue);
  }
  .bar output {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .clocks p,
  .foot {
    font-size: 0.82rem;
    color: var(--muted);
  }
  .clocks p {
    padding-block-start: 0.35rem;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 1.3rem;
    margin: 0;
    padding: 0.55rem 0;
    border-block: 1px solid var(--line);
    list-style: none;
    font: 0.95rem / 1.6 var(--text-font);
  }
  .key-unsure {
    background: color-mix(in srgb, var(--diffusion) 28%, transparent);
  }
  .legend [data-revised] {
    --hue: var(--diffusion);
  }
  .key-rejected {
    color: var(--rejected);
    font-size: 0.85em;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1.6rem;
    padding-block: 0.7rem;
  }
`;
