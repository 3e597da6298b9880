import type { LitElement, ReactiveController } from "lit";

/** What the keys of an element do. */
export interface KeysHost extends LitElement {
  readonly busy: boolean;
  generate(): Promise<unknown>;
  stop(): Promise<void>;
  /** Someone has put the focus into it. */
  touch(): void;
}

/** An element's keys (Ctrl or ⌘ + Enter generates, Escape stops), and where its focus goes when a button is disabled. */
export class Keys implements ReactiveController {
  private focused: Element | null = null;

  constructor(private readonly host: KeysHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener("keydown", this.onKey);
    this.host.addEventListener("focusin", this.onFocus);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("keydown", this.onKey);
    this.host.removeEventListener("focusin", this.onFocus);
  }

  hostUpdate(): void {
    this.focused = this.host.shadowRoot?.activeElement ?? null;
  }

  /** A disabled button loses the focus, and the element's keys with it: its counterpart gets it. */
  hostUpdated(): void {
    if (!(this.focused instanceof HTMLButtonElement) || !this.focused.disabled) return;
    this.host.shadowRoot?.querySelector<HTMLButtonElement>(".act button:enabled")?.focus();
  }

  private readonly onFocus = (): void => this.host.touch();

  private readonly onKey = (event: KeyboardEvent): void => {
    // A form may have disabled it.
    if (this.host.matches(":disabled")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.host.generate();
    } else if (event.key === "Escape" && this.host.busy) {
      event.preventDefault();
      void this.host.stop();
    }
  };
}
