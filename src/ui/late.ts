import type { CSSResult } from "lit";

/** The element that shows a late part. */
export interface LateHost {
  readonly shadowRoot: ShadowRoot | null;
  requestUpdate(): void;
}

/** A part of an element that few pages show: its module, style sheet included, is loaded the first time it is asked for. */
export class Late<Part extends { style: CSSResult }> {
  private module: Part | null = null;
  private taking: Promise<Part> | null = null;

  constructor(
    private readonly host: LateHost,
    private readonly load: () => Promise<Part>,
  ) {}

  /** The module; null while it is on its way, after which the element is drawn again. */
  get part(): Part | null {
    void this.here();
    return this.module;
  }

  /** The module, if it has been asked for before and is there. */
  get asked(): Part | null {
    return this.module;
  }

  /** Resolves with the module once it is there. */
  here(): Promise<Part> {
    this.taking ??= this.take();
    return this.taking;
  }

  private async take(): Promise<Part> {
    const module = await this.load();
    const { styleSheet } = module.style;
    const root = this.host.shadowRoot;
    if (root && styleSheet) root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
    this.module = module;
    this.host.requestUpdate();
    return module;
  }
}
