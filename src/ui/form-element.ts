import { css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { PaneElement } from "./pane-element.js";
import { formWords } from "./words/first.js";

/** What it adds to the elements' style. */
export const formStyle = css`
  fieldset {
    display: contents;
  }
  fieldset:disabled {
    color: var(--muted);
  }
`;

/**
 * An element with one pane that is a form's control: what it has written is its value.
 * @attr {string} name - Under which the text is submitted. Reflects.
 * @attr {boolean} disabled - Its own controls do nothing, and a form doesn't submit it. Reflects.
 * @attr {boolean} required - A form isn't submitted before something is written. Reflects.
 * @fires change - What it has written is its new value.
 */
export abstract class FormElement extends PaneElement {
  static readonly formAssociated = true;
  static override properties: PropertyDeclarations = {
    name: { reflect: true, useDefault: true },
    disabled: { type: Boolean, reflect: true },
    required: { type: Boolean, reflect: true },
    restored: { state: true },
  };

  /** Under which name a form submits the text. */
  declare name: string;
  /** Its own controls do nothing, and a form doesn't submit it; a script may have it write. */
  declare disabled: boolean;
  /** Whether a form waits until something is written. */
  declare required: boolean;
  /** Disabled, by itself or by a fieldset around it. */
  private isDisabled = false;
  /** A text of an earlier visit that the browser has kept; "" where it shows its own. */
  declare private restored: string;
  private readonly internals = this.attachInternals();
  private written = "";

  constructor() {
    super();
    this.name = "";
    this.disabled = false;
    this.required = false;
    this.restored = "";
    this.internals.role = "group";
    // Clicks on its label arrive as its own.
    this.addEventListener("click", (event) => {
      if (event.composedPath()[0] === this) this.focus();
    });
  }

  /** The text that it has written, without the prompt; "" while it writes, and where that failed. */
  get value(): string {
    return this.written;
  }

  /** The form that it belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  /** Its labels. */
  get labels(): NodeList {
    return this.internals.labels;
  }

  /** What keeps its form from being submitted. */
  get validity(): ValidityState {
    return this.internals.validity;
  }

  /** The same in words; "" where nothing does. */
  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  /** Whether its form asks for its validity. */
  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  /** Whether nothing keeps its form from being submitted; an event `invalid` says what doesn't. */
  checkValidity(): boolean {
    this.judge();
    return this.internals.checkValidity();
  }

  /** The same, and shows the reason. */
  reportValidity(): boolean {
    this.judge();
    return this.internals.reportValidity();
  }

  /** Puts the focus into its prompt. */
  override focus(options?: FocusOptions): void {
    this.shadowRoot?.querySelector<HTMLElement>("#prompt:enabled, .act button:enabled")?.focus(options);
  }

  /** Called by the form when it is reset: every setting is what its attribute says, and nothing is written. */
  formResetCallback(): void {
    for (const [property, { attribute, reflect, state }] of (this.constructor as typeof FormElement)
      .elementProperties) {
      if (attribute === false || reflect || state) continue;
      const name = typeof attribute === "string" ? attribute : String(property);
      this.attributeChangedCallback(name, null, this.getAttribute(name));
    }
    void this.clear().then(() => this.take(""));
    this.take("");
  }

  /** Called when it becomes disabled or ceases to be. */
  formDisabledCallback(isDisabled: boolean): void {
    this.isDisabled = isDisabled;
    // An update that reflects `disabled` has drawn already.
    void this.updateComplete.then(() => this.requestUpdate());
  }

  /** Called with what it has kept, when the browser shows a page as it was left. */
  formStateRestoreCallback(state: File | string | FormData | null): void {
    if (!(state instanceof FormData)) return;
    this.prompt = String(state.get("prompt") ?? "");
    this.take(String(state.get("value") ?? ""));
    this.restored = this.written;
  }

  protected override onRaceStart(): void {
    this.take("");
  }

  protected override onRaceEnd(): void {
    const [{ outcome }] = this.panes;
    // A recording was written elsewhere.
    this.take(outcome && "text" in outcome && !this.playback ? outcome.text : "");
    if (this.written) this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("prompt")) this.keep();
    if (changed.has("required") || changed.has("busy")) this.judge();
  }

  /** Its whole content: off where it is disabled. */
  protected enclose(content: TemplateResult): TemplateResult {
    return html`<fieldset role="presentation" ?disabled=${this.isDisabled}>
      ${this.restored ? html`<p part="restored" class="calm" role="status">${formWords.restored(this.restored)}</p>` : nothing}
      ${content}
    </fieldset>`;
  }

  private take(text: string): void {
    this.written = text;
    this.restored = "";
    this.keep();
    this.judge();
  }

  /** Hands its value to the form, and to the browser what to show when a person comes back to the page. */
  private keep(): void {
    const state = new FormData();
    state.set("prompt", this.prompt);
    state.set("value", this.written);
    this.internals.setFormValue(this.written, state);
  }

  private judge(): void {
    const isMissing = this.required && this.written === "";
    const words = this.busy ? formWords.stillWriting : formWords.nothingWritten;
    const button = this.shadowRoot?.querySelector<HTMLElement>(".act button:enabled") ?? undefined;
    this.internals.setValidity({ valueMissing: isMissing }, isMissing ? words : "", button);
  }
}
