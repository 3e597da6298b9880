import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { spreadOf } from "../src/runtime/spread.js";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import type { Gpu } from "../src/backend/webgpu/gpu/device.js";
import type { Architecture } from "../src/architecture/architecture.js";
import { costInForwards, type ForwardTimes, NUM_KEPT, timeForwards } from "./kernels/forwards.js";
import { plot } from "./kernels/plot.js";
import { MAX_ROWS, ProductBench, productsOf } from "./kernels/products.js";
import { type Subject, timeInTurn } from "./kernels/timing.js";
import { bytesOf, roofline, workOf } from "./kernels/work.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";

/** Numbers of rows that are measured with every kernel and all rounds. */
const ROW_COUNTS = [1, 2, 4, 8, 16, 32, MAX_ROWS];
/** All others: with fewer rounds, and only the kernels that were near the best at the counts on either side. */
const NUM_ROUNDS_BETWEEN = 3;
const NEAR = 1.5;
/** Most that the kernels of any number of rows may take by the fastest. */
export const WITHIN = 1.15;
/** Multiply-adds in the time of a byte: about 10 TFLOP/s and 200 GB/s, a laptop's GPU. */
const BALANCE = 25;

/** The kernels of one product for one number of rows. */
export interface ProductTimes {
  product: string;
  n: number;
  k: number;
  count: number;
  rows: number;
  /** Microseconds, one for each round; the chosen kernel first. */
  subjects: { name: string; us: number[] }[];
}

/** The file that `kernels` writes. */
export interface KernelsReport extends Report {
  products: ProductTimes[];
  forwards: ForwardTimes[];
}

const median = (values: readonly number[]) => spreadOf(values).median;

/** The fastest kernel besides the chosen one, by its median; and the share of its speed that the chosen one reaches. */
export function bestProbe({ subjects: [chosen, ...probes] }: ProductTimes) {
  const best = probes.reduce((a, b) => (median(b.us) < median(a.us) ? b : a));
  return { name: best.name, us: median(best.us), share: spreadOf(chosen.us.map((us, i) => best.us[i] / us)) };
}

/** Microseconds of all matrices of a forward, each by its best probe, with logits of every row. */
export function sumOfBest(products: readonly ProductTimes[], rows: number): number {
  return products
    .filter((product) => product.rows === rows)
    .reduce((sum, product) => sum + product.count * Math.min(bestProbe(product).us, median(product.subjects[0].us)), 0);
}

/** The time of the chosen kernels of all matrices of a forward by that of the fastest ones, round by round. */
export function chosenByBest(products: readonly ProductTimes[], rows: number): number[] {
  const own = products.filter((product) => product.rows === rows);
  const numRounds = Math.min(...own.map(({ subjects }) => subjects[0].us.length));
  const sum = (round: number, kernel: (product: ProductTimes) => ProductTimes["subjects"][number]) =>
    own.reduce((total, product) => total + product.count * kernel(product).us[round], 0);
  const chosen = ({ subjects }: ProductTimes) => subjects[0];
  const best = ({ subjects }: ProductTimes) => subjects.reduce((a, b) => (median(b.us) < median(a.us) ? b : a));
  return Array.from({ length: numRounds }, (_, i) => sum(i, chosen) / sum(i, best));
}

/** Names of the kernels that took at most `NEAR` times the best's time. */
function near({ subjects }: ProductTimes): string[] {
  const best = Math.min(...subjects.map(({ us }) => median(us)));
  return subjects.filter(({ us }) => median(us) <= NEAR * best).map(({ name }) => name);
}

async function timeProducts(gpu: Gpu, architecture: Architecture, numRounds: number): Promise<ProductTimes[]> {
  const times: ProductTimes[] = [];
  for (const product of productsOf(architecture)) {
    say(`${product.name} …`);
    const { name, n, k, count } = product;
    const bench = new ProductBench(gpu, product);
    try {
      const measure = async (rows: number, subjects: readonly Subject[], rounds: number): Promise<ProductTimes> => {
        await bench.check(rows, subjects);
        const samples = await timeInTurn(gpu, subjects, rounds);
        // Tenths of a microsecond, so that the file stays small.
        const inTenths = (us: number) => Math.round(us * 10) / 10;
        const named = subjects.map((subject, i) => ({ name: subject.name, us: samples[i].map(inTenths) }));
        return { product: name, n, k, count, rows, subjects: named };
      };
      let above = await measure(MAX_ROWS, bench.subjects(MAX_ROWS), numRounds);
      times.push(above);
      for (const rows of ROW_COUNTS.toReversed().slice(1)) {
        const below = await measure(rows, bench.subjects(rows), numRounds);
        const names = new Set([...near(below), ...near(above)]);
        for (let between = rows + 1; between < above.rows; between++) {
          const subjects = bench.subjects(between).filter((subject, i) => i === 0 || names.has(subject.name));
          times.push(await measure(between, subjects, Math.min(numRounds, NUM_ROUNDS_BETWEEN)));
        }
        times.push(below);
        above = below;
      }
    } finally {
      bench.dispose();
    }
  }
  return times;
}

function renderProducts(products: readonly ProductTimes[]): string[] {
  const shown = ROW_COUNTS.flatMap((rows) => products.filter((product) => product.rows === rows));
  const rows = shown.map((product) => {
    const [{ us }] = product.subjects;
    const best = bestProbe(product);
    const { median: share, min, max } = best.share;
    const gigaflops = (2 * product.rows * product.n * product.k) / median(us) / 1000;
    return [
      `${product.product} ${product.n} x ${product.k}`,
      String(product.rows),
      showSpread(us),
      round(gigaflops),
      best.name,
      round(best.us),
      `${round(share)} (${round(min)} to ${round(max)})`,
    ];
  });
  return table(["matrix", "M", "chosen kernel, us", "GFLOP/s", "best probe", "us", "share of its speed"], rows);
}

function renderForwards(products: readonly ProductTimes[], forwards: readonly ForwardTimes[]): string[] {
  const all = costInForwards(forwards, "all");
  const last = costInForwards(forwards, "last");
  const rows = forwards
    .filter((forward) => ROW_COUNTS.includes(forward.rows))
    .map((forward) => {
      const best = sumOfBest(products, forward.rows) / 1000;
      return [
        String(forward.rows),
        showSpread(forward.all.map((us) => us / 1000)),
        showSpread(all.get(forward.rows) ?? []),
        showSpread(forward.last.map((us) => us / 1000)),
        showSpread(last.get(forward.rows) ?? []),
        round(best),
        round(best / (median(forward.all) / 1000)),
      ];
    });
  const head = ["M", "all logits, ms", "v(M)", "last logits, ms", "v(M)", "best matrices, ms", "their part"];
  return table(head, rows);
}

function renderEachM(products: readonly ProductTimes[], forwards: readonly ForwardTimes[]): string[] {
  const all = costInForwards(forwards, "all");
  const rows = forwards.map((forward) => {
    const best = sumOfBest(products, forward.rows) / 1000;
    return [
      String(forward.rows),
      showSpread(chosenByBest(products, forward.rows)),
      round(best),
      round(median(forward.all) / 1000),
      round(median(all.get(forward.rows) ?? [])),
    ];
  });
  return table(["M", "chosen kernels by the best", "best matrices, ms", "whole forward, ms", "v(M)"], rows);
}

function renderWork(architecture: Architecture): string[] {
  const shape = { weightBytes: 2, numKept: NUM_KEPT };
  const one = workOf(architecture, 1, shape);
  const rows = ROW_COUNTS.map((count) => {
    const work = workOf(architecture, count, shape);
    const inMega = (value: number) => round(value / 1e6);
    return [
      String(count),
      inMega(work.weightBytes),
      inMega(work.cacheBytes),
      inMega(work.activationBytes),
      inMega(work.multiplyAdds),
      round(work.multiplyAdds / bytesOf(work)),
      round(bytesOf(work) / bytesOf(one)),
      round(roofline(work, BALANCE) / roofline(one, BALANCE)),
    ];
  });
  const head = ["M", "weights, MB", "cache, MB", "activations, MB", "million multiply-adds", "of them a byte"];
  return table([...head, "v(M) by bytes", `v(M) at ${BALANCE} a byte`], rows);
}

function draw(products: readonly ProductTimes[], forwards: readonly ForwardTimes[]): string {
  const points = (which: "all" | "last") =>
    [...costInForwards(forwards, which)].map(([rows, values]) => [rows, median(values)] as const);
  const unit = median(forwards[0].all) / 1000;
  const best = forwards.map(({ rows }) => [rows, sumOfBest(products, rows) / 1000 / unit] as const);
  return plot({ title: "Cost of a forward of M rows, in forwards of one row", x: "rows M", y: "v(M)" }, [
    { name: "logits of all rows", points: points("all"), isLine: true },
    { name: "logits of the last row", points: points("last"), isLine: true },
    { name: "best isolated matrices alone, by the time of a forward of one row", points: best, isLine: false },
  ]);
}

function drawChosen(products: readonly ProductTimes[], forwards: readonly ForwardTimes[]): string {
  const points = forwards.map(({ rows }) => [rows, median(chosenByBest(products, rows))] as const);
  const goal = [1, MAX_ROWS].map((rows) => [rows, WITHIN] as const);
  const words = { title: "Kernels that a plan takes for M rows", x: "rows M", y: "time by the fastest kernels'" };
  return plot(words, [
    { name: "all matrices of a forward", points, isLine: true },
    { name: `goal: at most ${WITHIN}`, points: goal, isLine: true },
  ]);
}

/** `bench kernels`: true when everything was measured. */
export async function kernels(numRounds: number): Promise<boolean> {
  const report = beginReport("kernels", numRounds);
  const folder = await openFolder(fileSource(path.join(root, "public/models/story-ar")));
  const gpu = await openNodeDevice({});
  const products = await timeProducts(gpu, folder.architecture, numRounds);
  say("whole forwards …");
  const model = await loadFolder(gpu, folder);
  const rowCounts = Array.from({ length: MAX_ROWS }, (_, i) => i + 1);
  const forwards = await timeForwards(gpu, model, rowCounts, numRounds);
  const full: KernelsReport = { ...report, adapter: { ...gpu.facts }, versions: {}, products, forwards };
  const lines = [
    "Matrices of `story-ar`, f32, without norms and residuals around them: the kernel that a plan takes for M rows, beside",
    "every tile of both families and hand-written probes (`bench/probes`), in turn within each round, each sample 5 ms or",
    "more. The share is of the best probe's speed, round by round.",
    "",
    ...renderProducts(products),
    "",
    `Whole forwards behind ${NUM_KEPT} kept tokens. v(M): cost of M rows in forwards of one row of the same round. The best`,
    "matrices: the sum of the fastest kernels above with logits of all rows, to compare with the first column.",
    "",
    ...renderForwards(products, forwards),
    "",
    "Each number of rows: the time of the kernels that a plan takes, for all matrices of a forward, by that of the fastest",
    "ones. Between the numbers above with fewer rounds, and beside the kernels near the best there.",
    "",
    ...renderEachM(products, forwards),
    "",
    "What a forward has to move and compute, weights of 16 bits read once for all rows, logits of all rows. A GPU that is",
    `bound by bandwidth has v(M) by bytes; one that does ${BALANCE} multiply-adds in the time of a byte has the last column.`,
    "",
    ...renderWork(folder.architecture),
  ];
  writeReport(full, lines, [
    { title: "v(M)", suffix: "", svg: draw(products, forwards) },
    { title: "chosen kernels by the best", suffix: "-chosen", svg: drawChosen(products, forwards) },
  ]);
  return true;
}
