import { html, type TemplateResult } from "lit";
import { formatMs } from "../figures.js";
import { timelineWords as words } from "../words/late.js";
import type { RaceClock } from "../playback/moments.js";
import type { Playback, Speed } from "../playback/playback.js";

const SPEEDS: readonly Speed[] = [0.25, 0.5, 1, 2, 4, "fit"];
const CLOCKS: readonly RaceClock[] = ["time", "forwards"];
/** Frames that Page Up and Page Down go. */
const PAGE_FRAMES = 10;

const KEYS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: PAGE_FRAMES,
  PageDown: -PAGE_FRAMES,
};

/** What moves all panes together, and where each of them stands and ended. */
export function renderTimeline(timeline: Playback): TemplateResult {
  const { clock, isPlaying, isLooping, speed, position, length, frame } = timeline;
  const where = words.step(frame.index, frame.last);
  const said = timeline.said && words.step(timeline.said.index, timeline.said.last);
  return html`<section class="timeline" part="timeline" aria-label=${words.title}>
    <div class="timeline-keys">
      <button type="button" aria-label=${words.back} title=${words.back} ?disabled=${frame.index === 0} @click=${() => timeline.step(-1)}>‹</button>
      <button type="button" class="timeline-play" aria-keyshortcuts="Space" @click=${() => (isPlaying ? timeline.pause() : timeline.play())}>${isPlaying ? words.pause : words.play}</button>
      <button type="button" aria-label=${words.forward} title=${words.forward} ?disabled=${frame.index === frame.last} @click=${() => timeline.step(1)}>›</button>
      <button type="button" aria-pressed=${String(isLooping)} @click=${() => timeline.loop(!isLooping)}>${words.loop}</button>
      <label class="field"><span>${words.speed}</span><select name="speed" @change=${(event: Event) => timeline.pace(SPEEDS[(event.target as HTMLSelectElement).selectedIndex])}>
        ${SPEEDS.map((one) => html`<option .selected=${one === speed}>${words.speedOf(one, clock)}</option>`)}
      </select></label>
      <label class="field"><span>${words.inStep}</span><select name="clock" @change=${(event: Event) => timeline.choose(CLOCKS[(event.target as HTMLSelectElement).selectedIndex])}>
        ${CLOCKS.map((one) => html`<option .selected=${one === clock}>${words.clocks[one]}</option>`)}
      </select></label>
      <span class="timeline-where">${where}, ${amount(clock, position)}</span>
    </div>
    <input type="range" min="0" max=${length} step="any" aria-label=${words.slider} aria-valuetext="${where}, ${amount(clock, position)}"
      .value=${String(position)}
      @keydown=${(event: KeyboardEvent) => press(timeline, event)}
      @input=${(event: Event) => timeline.seek(Number((event.target as HTMLInputElement).value))} />
    <ul class="timeline-rows">${timeline.rows.map((row) => {
      const share = (at: number) => `${(length > 0 ? (at / length) * 100 : 0).toFixed(2)}%`;
      return html`<li data-pane=${row.name} ?data-ended=${row.isAtEnd}>
        <span>${row.label}</span>
        <i aria-hidden="true"><b .style=${`inline-size:${share(Math.min(position, row.end))}`}></b><u .style=${`inset-inline-start:${share(row.end)}`}></u></i>
        <span>${row.isAtEnd ? words.ended(amount(clock, row.end)) : words.step(row.step, row.numSteps)}</span>
      </li>`;
    })}</ul>
    <div class="unseen" role="status">${said}</div>
  </section>`;
}

function amount(clock: RaceClock, at: number): string {
  return clock === "time" ? formatMs(at) : words.passes(Math.floor(at));
}

/** Arrows go by frames, where a slider's own would go by a share of the whole. */
function press(timeline: Playback, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = KEYS[event.key];
  if (by !== undefined) timeline.step(by);
  else if (event.key !== " ") return;
  else if (timeline.isPlaying) timeline.pause();
  else timeline.play();
  event.preventDefault();
}
