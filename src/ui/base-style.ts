import { css } from "lit";
import { unseenStyle } from "./unseen-style.js";

/** Colours, fonts and what every element is reset to. */
export const base = css`
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
  ${unseenStyle}
`;
