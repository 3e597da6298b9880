import { LitElement } from "lit";

/**
 * What pages may use of both elements, but for events and what one of them has alone: the custom-elements manifest is made of it.
 * @attr {string} prompt - Text to write on from, as it begins.
 * @attr {string} models - Where the embedded family is: the folder that holds `story-ar`, `story-draft` and `story-diffusion`. Reflects.
 * @attr {string} target - The model that writes, in place of the family's, as it begins.
 * @attr {string} draft - The model that drafts, as it begins.
 * @attr {string} diffusion - The model that fills masks, as it begins.
 * @attr {number} max-new-tokens - Tokens to write, as it begins.
 * @attr {number} temperature - As it begins.
 * @attr {number} seed - As it begins.
 * @attr {"target" | "draft"} energy - Which model weighs fillings where `energy_candidates` asks for it, as it begins.
 * @attr {"auto" | "webgpu" | "wasm" | "webnn" | "onnx-webgpu"} device - Where models run, as it begins.
 * @attr {string} recording - Address of a recorded run, offered where no device runs models. Reflects.
 * @attr {boolean} autoplay - Plays the recording when the element is first seen. Reflects.
 * @slot heading - Above the prompt.
 * @slot actions - Beside Generate and Stop.
 * @csspart pane - One pane.
 * @csspart prompt - The prompt, before the text.
 * @csspart text - What is written.
 * @csspart law - Whose law the text has.
 * @csspart fidelity - How the text relates to that law.
 * @csspart bound - Most nats that a step loses.
 * @csspart metrics - A pane's figures.
 * @csspart step - What a step did, in a sentence.
 * @csspart replay - The controls of a replay.
 * @csspart rounds - How drafts fared.
 * @csspart orders - The button that shuffles a prompt's sets.
 * @csspart setting - An option of one pane.
 * @csspart edit - The row in which a part of the prompt is written anew.
 * @csspart runs-on - Where models run, and why.
 * @csspart controls - Prompt, settings and buttons.
 * @csspart recorded - That a recording is shown.
 * @csspart error - Why nothing was written.
 * @csspart badge - How a text compares with the plain one, in a comparison.
 * @csspart here - Options of one pane in place of those of all, in a comparison.
 * @csspart summary - One sentence of what all wrote, in a comparison.
 * @csspart clocks - Times of all panes, in a comparison.
 * @csspart legend - What marks and colours mean, in a comparison.
 * @csspart charts - Charts of the runs, in a comparison.
 * @csspart share - Copies, traces and links, in a comparison.
 * @csspart timeline - Play, pause and step of all panes, in a comparison.
 * @csspart tour - The card of the guided tour, in a comparison.
 * @csspart picker - The choice of a decoder by cards.
 * @csspart token - What is said of one token.
 * @csspart device - What this device can do, in a comparison.
 * @cssproperty --triptych-paper - The page.
 * @cssproperty --triptych-panel - Panes.
 * @cssproperty --triptych-ink - Text.
 * @cssproperty --triptych-muted - Lesser text.
 * @cssproperty --triptych-line - Lines.
 * @cssproperty --triptych-accent - Buttons and focus.
 * @cssproperty --triptych-on-accent - Text on buttons.
 * @cssproperty --triptych-autoregressive - Panes that write left to right.
 * @cssproperty --triptych-diffusion - Panes that fill masks.
 * @cssproperty --triptych-speculative - Panes that draft.
 * @cssproperty --triptych-draft - Drafted tokens.
 * @cssproperty --triptych-accepted - Drafts that were kept.
 * @cssproperty --triptych-rejected - Drafts that were not.
 * @cssproperty --triptych-mask - Masks.
 * @cssproperty --triptych-font - Fonts of controls.
 * @cssproperty --triptych-text-font - Fonts of texts.
 * @cssproperty --triptych-figure-font - Fonts of figures.
 * @cssproperty --triptych-pane-height - Height of the text (19rem).
 * @cssproperty --triptych-padding - Around everything (1rem).
 */
export abstract class DocumentedElement extends LitElement {}
