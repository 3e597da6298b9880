// The third demo page: what the commit rules give at which speed, as `npm run bench -- diffusion` recorded it.
import { html, nothing, render, type TemplateResult } from "lit";
import { type Likelihoods, renderLikelihoods } from "./frontier-likelihood.js";
import { colourOf, frontierOf, type Mark, renderPlot } from "./frontier-plot.js";
import type { Way } from "./frontier-recording.js";
import { csvText } from "./ui/charts/chart.js";
import { save } from "./ui/charts/files.js";
import { frontierWords } from "./ui/words/pages.js";
import { counted } from "./vocabulary/counted.js";

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

const MEASURES = {
  nll: {
    label: "nats per token under story-ar",
    note: frontierWords.ownJudge,
    isUp: false,
    of: (way: Way) => way.nll,
    worst: 3,
  },
  nllPerByte: {
    label: "nats per byte under stories260k",
    note: frontierWords.otherJudge,
    isUp: false,
    of: (way: Way) => way.nllPerByte,
    worst: 1,
  },
  distinct2: {
    label: "distinct-2",
    note: "higher is better: different pairs of neighbouring tokens, by all pairs; text that repeats itself has few",
    isUp: true,
    of: (way: Way) => way.distinct2,
    worst: 0,
  },
} satisfies Record<string, Measure>;

/** What can be asked for: likelihood is shown by both judges, since one of them wrote some of the texts. */
const QUALITIES: Record<string, { label: string; note: string; measures: readonly Measure[] }> = {
  judges: {
    label: frontierWords.judges,
    note: frontierWords.judgesNote,
    measures: [MEASURES.nll, MEASURES.nllPerByte],
  },
  distinct2: { label: MEASURES.distinct2.label, note: MEASURES.distinct2.note, measures: [MEASURES.distinct2] },
};

const SPEEDS: Record<string, Pick<Measure, "label" | "note" | "of">> = {
  tokensPerForward: {
    label: "kept tokens per forward",
    note: "of the model that writes; another one's, which drafts or weighs, are in the table",
    of: (way: Way) => way.tokensPerForward,
  },
  speedupOfGpu: {
    label: "speed on a GPU, autoregressive 1",
    note: "by the counts of both models, where M rows cost 1 + 0.02 (M − 1) and another model's by its bytes",
    of: (way: Way) => way.speedupOfGpu,
  },
  speedup: {
    label: "speed where it was recorded, autoregressive 1",
    note: "as measured beside it",
    of: (way: Way) => way.speedup,
  },
};

/** The columns of the table, and of its file. */
const COLUMNS: Record<string, (way: Way) => string> = {
  "tokens per forward": (way) => way.tokensPerForward.toFixed(2),
  "of another model": (way) => String(way.otherForwards || ""),
  "speed on a GPU": (way) => way.speedupOfGpu.toFixed(2),
  "speed there": (way) => way.speedup.toFixed(2),
  "nats per token, story-ar": (way) => way.nll.toFixed(2),
  "nats per byte, stories260k": (way) => way.nllPerByte.toFixed(3),
  "distinct-2": (way) => way.distinct2.toFixed(2),
};

function saveTable(ways: readonly Way[]): void {
  const lines = ways.map((way) => [way.name, ...Object.values(COLUMNS).map((read) => read(way))]);
  const text = csvText([["way", ...Object.keys(COLUMNS)], ...lines]);
  save("frontier.csv", new Blob([text], { type: "text/csv" }));
}

/** Ways without a commit rule: other decoders, and what a second model corrects. */
const OTHER = "others";
const seriesOf = (way: Way) => way.rule ?? OTHER;

const root = document.querySelector("#frontier") as HTMLElement;
const recordings = import.meta.glob<Recording>("../bench/results/diffusion-*.json", { import: "default" });
const likelihoods = import.meta.glob<Likelihoods>("../bench/results/likelihood-*.json", { import: "default" });
let recording: Recording;
let likelihood: Likelihoods;
let measured = "judges";
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
    <p>${counted(way.tokens, "token")} in ${counted(way.forwards, "forward")}${
      way.otherForwards > 0 ? ` and ${way.otherForwards} of another model` : ""
    }; ${way.nll.toFixed(2)} nats per token. The first prompt's text:</p>
    <blockquote>${way.text}</blockquote>
  </section>`;
}

function renderTable(ways: readonly Way[], best: ReadonlySet<string>): TemplateResult {
  const heads = Object.keys(COLUMNS);
  return html`<div class="ways-frame" tabindex="0" role="region" aria-label="All ways"><table class="ways"><caption>All ways <span>in bold: what nothing in a plot beats</span></caption>
    <thead><tr><th scope="col">way</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${ways.map(
      (way) => html`<tr class=${best.has(way.name) ? "best" : ""}>
        <th scope="row"><button aria-pressed=${String(way.name === selected)} @click=${() => select(way.name)}>${way.name}</button></th>
        ${heads.map((head) => html`<td>${COLUMNS[head](way)}</td>`)}
      </tr>`,
    )}</tbody></table></div>
    <button type="button" class="save" aria-label=${frontierWords.saveCsv} @click=${() => saveTable(ways)}>${frontierWords.csv}</button>`;
}

function marksOf(ways: readonly Way[], { of, isUp, worst }: Measure): Mark[] {
  const isDrawn = (way: Way) => (isUp ? of(way) >= worst : of(way) <= worst);
  return ways.filter(isDrawn).map((way) => ({
    name: way.name,
    series: seriesOf(way),
    x: SPEEDS[timed].of(way),
    y: of(way),
    isBaseline: seriesOf(way) === OTHER,
  }));
}

function renderMeasure(measure: Measure, marks: readonly Mark[], numShown: number): TemplateResult {
  const { label, note, isUp, worst } = measure;
  const series = [...new Set(recording.laws.map(seriesOf))];
  const numLeftOut = numShown - marks.length;
  return html`<div>
    ${renderPlot({ title: label, note, marks, series, xLabel: SPEEDS[timed].label, yLabel: label, isUp, isNarrow: narrow.matches, selected, select })}
    ${numLeftOut > 0 ? html`<p role="status">${frontierWords.leftOut(numLeftOut, worst)}</p>` : nothing}
  </div>`;
}

function draw(): void {
  const quality = QUALITIES[measured];
  const speed = SPEEDS[timed];
  const { date, machine, adapter, laws } = recording;
  const series = [...new Set(laws.map(seriesOf))];
  const shown = laws.filter((way) => !hidden.has(seriesOf(way)));
  const plots = quality.measures.map((measure) => ({ measure, marks: marksOf(shown, measure) }));
  const best = new Set(plots.flatMap(({ measure, marks }) => frontierOf(marks, measure.isUp).map(({ name }) => name)));
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
        ${choice("Quality", QUALITIES, measured, (name) => {
          measured = name;
        })}
        <span>${quality.note}</span>
      </div>
      <div class="desk">
        ${choice("Speed", SPEEDS, timed, (name) => {
          timed = name;
        })}
        <span>${speed.note}</span>
      </div>
      <div class="plots">${plots.map(({ measure, marks }) => renderMeasure(measure, marks, shown.length))}</div>
      <p class="key"><svg width="16" height="16" aria-hidden="true"><path d="M8 1l7 7l-7 7l-7 -7z"></path></svg>${frontierWords.baselines}</p>
      ${renderLegend(series)}
      ${renderSelected(laws.find(({ name }) => name === selected))}
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
