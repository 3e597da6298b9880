import { html, nothing, type TemplateResult } from "lit";
import { Late, type LateHost } from "./late.js";
import type { Share } from "./share/share.js";
import type { Shared } from "./share/sources.js";
import { shareSummary } from "./words/first.js";

const IN_LINK = /[#&]trace=(.*)/s;

/** The folded part "Save and share", and where traces are dropped: nothing of it is loaded before it is opened or something is. */
export class SharePanel {
  private readonly late: Late<typeof import("./share/share.js")>;
  private share: Share | null = null;
  private isOpen = false;
  /** A file that was dropped before the part was there. */
  private waiting: File | null = null;
  private isLinkTaken = false;

  constructor(private readonly host: LateHost & EventTarget & { readonly isConnected: boolean }) {
    this.late = new Late(host, () => import("./share/share.js"));
    host.addEventListener("dragover", (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    host.addEventListener("drop", (event) => this.drop(event as DragEvent));
  }

  /** Has the race that has just ended kept in the browser. */
  keep(shared: Shared): void {
    void import("./share/keep.js").then(({ keepThis }) => keepThis(shared));
  }

  /** Listens to nothing more. */
  close(): void {
    this.share?.close();
  }

  /** The part. `isLinked`: a trace in the page's address is for it. */
  render(shared: () => Shared, isLinked: boolean): TemplateResult {
    const isNew = isLinked && !this.isLinkTaken && IN_LINK.test(location.hash);
    if (isNew) this.isOpen = true;
    const part = this.isOpen ? this.late.part : null;
    if (part) {
      this.share ??= new part.Share(this.host);
      this.takeWaiting(this.share, isNew);
    }
    return html`<details class="more" part="share" ?open=${this.isOpen} @toggle=${(event: Event) => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
      this.host.requestUpdate();
    }}>
      <summary>${shareSummary}</summary>
      ${this.isOpen && this.share ? this.share.render(shared()) : nothing}
    </details>`;
  }

  private takeWaiting(share: Share, isLinked: boolean): void {
    if (isLinked) {
      this.isLinkTaken = true;
      void share.openLink(IN_LINK.exec(location.hash)?.[1] ?? "");
    }
    const file = this.waiting;
    this.waiting = null;
    if (file) void share.open(file);
  }

  private drop(event: DragEvent): void {
    const [file] = event.dataTransfer?.files ?? [];
    if (!file || event.defaultPrevented) return;
    event.preventDefault();
    this.waiting = file;
    this.isOpen = true;
    this.host.requestUpdate();
  }
}

function hasFiles(event: Event): boolean {
  return (event as DragEvent).dataTransfer?.types.includes("Files") ?? false;
}
