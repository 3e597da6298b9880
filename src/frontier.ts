// The third demo page: what the commit rules give at which speed, as `npm run bench -- diffusion` recorded it.
import { html, nothing, render, type TemplateResult } from "lit";
import { type Likelihoods, renderLikelihoods } from "./frontier-likelihood.js";
import { colourOf, frontierOf, type Mark, renderPlot } from "./frontier-plot.js";
import type { Way } from "./frontier-recording.js";

interface Recording {
  date: string;
  machine: { cpu: string; cores: number };
  adapter: { description: string; isSoftware: boolean };
  laws: Way[];
}

interface Measure {
  label: string;
  note: string;
  isUp: boolean;
  of(way: Way): number;
  /** What is worse isn't drawn, so that the rest can be told apart. */
  worst: number;
}

const MEASURES: Record<string, Measure> = {
  nll: {
    label: "nats per token under story-ar",
    note: "lower is better: how surprising the text is to the autoregressive model, which judges its own text too",
    isUp: false,
    of: (way) => way.nll,
    worst: 3,
  },
  nllPerByte: {
    label: "nats per byte under stories260k",
    note: "lower is better, by a model that took no part in writing",
    isUp: false,
    of: (way) => way.nllPerByte,
    worst: 1,
  },
  distinct2: {
    label: "distinct-2",
    note: "higher is better: different pairs of neighbouring tokens, by all pairs; text that repeats itself has few",
    isUp: true,
    of: (way) => way.distinct2,
    worst: 0,
  },
};

const SPEEDS: Record<string, Pick<Measure, "label" | "note" | "of">> = {
  tokensPerForward: {
    label: "kept tokens per forward",
    note: "of the model that writes; another one's, which drafts or weighs, are in the table",
    of: (way) => way.tokensPerForward,
  },
  speedupOfGpu: {
    label: "speed on a GPU, autoregressive 1",
    note: "by the counts of both models, where M rows cost 1 + 0.02 (M − 1) and another model's by its bytes",
    of: (way) => way.speedupOfGpu,
  },
  speedup: {
    label: "speed where it was recorded, autoregressive 1",
    note: "as measured beside it",
    of: (way) => way.speedup,
  },
};

/** Ways without a commit rule: other decoders, and what a second model corrects. */
const OTHER = "others";
const seriesOf = (way: Way) => way.rule ?? OTHER;

const root = document.querySelector("#frontier") as HTMLElement;
const recordings = import.meta.glob<Recording>("../bench/results/diffusion-*.json", { import: "default" });
const likelihoods = import.meta.glob<Likelihoods>("../bench/results/likelihood-*.json", { import: "default" });
let recording: Recording;
let likelihood: Likelihoods;
let measured = "nll";
let timed = "tokensPerForward";
let selected: string | null = null;
const hidden = new Set<string>();
const narrow = matchMedia("(max-width: 40rem)");

function select(name: string): void {
  selected = name;
  draw();
}

function renderLegend(series: readonly string[]): TemplateResult {
  const toggle = (name: string) => {
    if (!hidden.delete(name)) hidden.add(name);
    draw();
  };
  return html`<fieldset class="series"><legend>Commit rules</legend>
    ${series.map(
      (name) => html`<label><input type="checkbox" .checked=${!hidden.has(name)} @change=${() => toggle(name)} />
        <i style="background: ${colourOf(series, name)}"></i>${name}</label>`,
    )}</fieldset>`;
}

function renderSelected(way: Way | undefined): TemplateResult {
  if (!way) return html`<p class="sample">Choose a way, in the plot or in the table, to read what it wrote.</p>`;
  return html`<section class="sample" aria-label="Text of the chosen way">
    <h2>${way.name}</h2>
    <p>${way.tokens} tokens in ${way.forwards} forwards${
      way.otherForwards > 0 ? ` and ${way.otherForwards} of another model` : ""
    }; ${way.nll.toFixed(2)} nats per token. The first prompt's text:</p>
    <blockquote>${way.text}</blockquote>
  </section>`;
}

function renderTable(ways: readonly Way[], best: ReadonlySet<string>): TemplateResult {
  const heads = [
    "tokens per forward",
    "of another model",
    "speed on a GPU",
    "speed there",
    "nats per token",
    "nats per byte",
    "distinct-2",
  ];
  return html`<div class="ways-frame" tabindex="0" role="region" aria-label="All ways"><table class="ways"><caption>All ways <span>in bold: what nothing in the plot beats</span></caption>
    <thead><tr><th scope="col">way</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${ways.map(
      (way) => html`<tr class=${best.has(way.name) ? "best" : ""}>
        <th scope="row"><button aria-pressed=${String(way.name === selected)} @click=${() => select(way.name)}>${way.name}</button></th>
        <td>${way.tokensPerForward.toFixed(2)}</td><td>${way.otherForwards || ""}</td>
        <td>${way.speedupOfGpu.toFixed(2)}</td><td>${way.speedup.toFixed(2)}</td><td>${way.nll.toFixed(2)}</td>
        <td>${way.nllPerByte.toFixed(3)}</td><td>${way.distinct2.toFixed(2)}</td>
      </tr>`,
    )}</tbody></table></div>`;
}

function draw(): void {
  const measure = MEASURES[measured];
  const speed = SPEEDS[timed];
  const { date, machine, adapter, laws } = recording;
  const series = [...new Set(laws.map(seriesOf))];
  const isDrawn = (way: Way) => (measure.isUp ? measure.of(way) >= measure.worst : measure.of(way) <= measure.worst);
  const shown = laws.filter((way) => !hidden.has(seriesOf(way)));
  const marks = shown.filter(isDrawn).map(
    (way): Mark => ({
      name: way.name,
      series: seriesOf(way),
      x: speed.of(way),
      y: measure.of(way),
      isBaseline: seriesOf(way) === OTHER,
    }),
  );
  const best = new Set(frontierOf(marks, measure.isUp).map(({ name }) => name));
  const numLeftOut = shown.length - marks.length;
  const choice = (
    label: string,
    all: Record<string, { label: string }>,
    current: string,
    set: (name: string) => void,
  ) =>
    html`<label>${label} <select @change=${(event: Event) => {
      set((event.target as HTMLSelectElement).value);
      draw();
    }}>${Object.entries(all).map(
      ([name, one]) => html`<option value=${name} ?selected=${name === current}>${one.label}</option>`,
    )}</select></label>`;
  render(
    html`<div class="desk">
        ${choice("Quality", MEASURES, measured, (name) => {
          measured = name;
        })}
        <span>${measure.note}</span>
      </div>
      <div class="desk">
        ${choice("Speed", SPEEDS, timed, (name) => {
          timed = name;
        })}
        <span>${speed.note}</span>
      </div>
      <div class="plot-and-text">
        <div>
          ${renderPlot({ marks, series, xLabel: speed.label, yLabel: measure.label, isUp: measure.isUp, isNarrow: narrow.matches, selected, select })}
          ${numLeftOut > 0 ? html`<p role="status">${numLeftOut} worse than ${measure.worst} aren't in the plot.</p>` : nothing}
          ${renderLegend(series)}
        </div>
        ${renderSelected(laws.find(({ name }) => name === selected))}
      </div>
      ${renderTable(shown, best)}
      <p>Recorded on ${date} by <code>npm run bench -- diffusion</code>: ${machine.cpu}, ${machine.cores} cores, ${adapter.description}${
        adapter.isSoftware ? " (a software adapter)" : ""
      }. All but the speed there are counts and likelihoods, which are the same on any adapter.</p>
      ${renderLikelihoods(likelihood)}`,
    root,
  );
}

/** The newest of a benchmark's recordings, by file name. Throws where there is none. */
function newestOf<T>(benchmark: string, all: Record<string, () => Promise<T>>): Promise<T> {
  const newest = Object.keys(all).sort().at(-1);
  if (newest === undefined) throw new Error(`No recording is here: run npm run bench -- ${benchmark}.`);
  return all[newest]();
}

/** Shows the newest recordings. */
async function begin(): Promise<void> {
  try {
    [recording, likelihood] = await Promise.all([
      newestOf("diffusion", recordings),
      newestOf("likelihood", likelihoods),
    ]);
  } catch (error) {
    root.textContent = `${error instanceof Error ? error.message : String(error)} Reload the page to try again.`;
    root.setAttribute("role", "alert");
    return;
  }
  root.replaceChildren();
  narrow.addEventListener("change", draw);
  draw();
}

void begin();
