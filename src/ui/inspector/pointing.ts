import type { ReactiveController } from "lit";
import type { Pane } from "../pane.js";
import type { Inspector } from "./inspector.js";
import type { PointingHost } from "./pointing-host.js";

const TYPES = ["pointerover", "pointerout", "focusin", "focusout", "click", "keydown"] as const;

/** Tells the inspector of an element's tokens what points at them; its code is fetched when something first points at a written text. */
export class Pointing implements ReactiveController {
  private inspector: Inspector | null = null;
  private loading: Promise<Inspector> | null = null;

  constructor(
    private readonly host: PointingHost,
    private readonly panes: () => readonly Pane[],
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    for (const type of TYPES) this.host.shadowRoot?.addEventListener(type, this.onEvent);
  }

  hostDisconnected(): void {
    for (const type of TYPES) this.host.shadowRoot?.removeEventListener(type, this.onEvent);
    this.inspector?.close();
  }

  hostUpdated(): void {
    this.inspector?.refresh();
  }

  private readonly onEvent = async (event: Event): Promise<void> => {
    // Once the event is over it has no target within the element.
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    if (this.inspector) return this.inspector.handle(event, target);
    if (!target.closest(".paper")) return;
    this.loading ??= this.load();
    // One that can't be fetched is asked for again by what points next.
    (await this.loading.catch(() => null))?.handle(event, target);
  };

  private async load(): Promise<Inspector> {
    try {
      const { Inspector } = await import("./inspector.js");
      this.inspector = new Inspector(this.host, this.panes);
      return this.inspector;
    } catch (error) {
      this.loading = null;
      throw error;
    }
  }
}
