import { html, type TemplateResult } from "lit";

/** What `npm run bench -- likelihood` recorded, in nats per token of one text. */
export interface Likelihoods {
  date: string;
  tokens: number;
  causal: { model: string; nll: number }[];
  bounds: { model: string; block: number; nelbo: number; standardError: number }[];
}

/** What the models say of a text that they didn't write, likeliest first. */
export function renderLikelihoods({ date, tokens, causal, bounds }: Likelihoods): TemplateResult {
  const rows = [
    ...causal.map(({ model, nll }) => ({ model, reads: "left to right", nats: nll, shown: nll.toFixed(3) })),
    ...bounds.map(({ model, block, nelbo, standardError }) => ({
      model,
      reads: `blocks of ${block}`,
      nats: nelbo,
      shown: `at most ${nelbo.toFixed(3)} ± ${standardError.toFixed(3)}`,
    })),
  ].sort((a, b) => a.nats - b.nats);
  return html`<table class="ways likelihoods"><caption>A text that no model was trained on
      <span>of ${tokens} tokens: how surprising it is, lower is better</span></caption>
    <thead><tr><th scope="col">model</th><th scope="col">reads</th><th scope="col">nats per token</th></tr></thead>
    <tbody>${rows.map(
      ({ model, reads, shown }) => html`<tr><th scope="row">${model}</th><td>${reads}</td><td>${shown}</td></tr>`,
    )}</tbody></table>
    <p>At most: of block diffusion only a bound can be computed, here an estimate with its standard error. Recorded on ${date} by
      <code>npm run bench -- likelihood</code>.</p>`;
}
