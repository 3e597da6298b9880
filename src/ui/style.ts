import type { CSSResultGroup } from "lit";
import { base } from "./base-style.js";
import { contrastStyle } from "./contrast-style.js";
import { deskStyle } from "./desk-style.js";
import { footStyle } from "./foot-style.js";
import { noteStyle } from "./intro/note-style.js";
import { figuresStyle } from "./figures-style.js";
import { paneStyle } from "./pane-style.js";
import { panesStyle } from "./panes-style.js";
import { tokenStyle } from "./token-style.js";

/**
 * The elements' look. Override on the element: `--triptych-paper` (page), `--triptych-panel` (panes), `--triptych-ink`,
 * `--triptych-muted`, `--triptych-line`, `--triptych-accent` (buttons, focus), `--triptych-autoregressive`,
 * `--triptych-diffusion`, `--triptych-speculative` (panes), `--triptych-draft`, `--triptych-accepted`, `--triptych-rejected`,
 * `--triptych-mask` (token states), `--triptych-font`, `--triptych-text-font`, `--triptych-figure-font`,
 * `--triptych-pane-height` (height of the text, default 19rem), `--triptych-padding` (default 1rem).
 */
export const style: CSSResultGroup = [
  base,
  deskStyle,
  paneStyle,
  figuresStyle,
  panesStyle,
  tokenStyle,
  footStyle,
  noteStyle,
  contrastStyle,
];
