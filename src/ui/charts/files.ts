import type { ChartData } from "./chart.js";
import { colourName, dashOf, hatchOf, type Theme } from "./theme.js";

/** What a picture says beside its drawing. */
export interface Titled extends ChartData {
  title: string;
  says: string;
}

const MARGIN = 14;
const TITLE = 15;
const TEXT = 12;
const LINE = 18;
const SWATCH = 28;

/**
 * A picture of a chart on the theme's background: title, sentence, legend and the drawing, with as many device pixels as that has, and margins
 * around it.
 */
export async function pngOf(chart: Titled, drawing: HTMLCanvasElement, theme: Theme): Promise<Blob> {
  const scale = drawing.width / drawing.clientWidth || devicePixelRatio;
  const width = drawing.width / scale + 2 * MARGIN;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.font = theme.font(TEXT);
  const lines = wrapped(chart.says, width - 2 * MARGIN, (text) => context.measureText(text).width);
  const keys = placed(chart, width - 2 * MARGIN, (text) => context.measureText(text).width);
  const top = MARGIN + TITLE + 6 + LINE * (lines.length + keys[keys.length - 1].line + 1) + 6;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round((top + MARGIN) * scale) + drawing.height;
  context.fillStyle = theme.colour("--paper");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawing, Math.round(MARGIN * scale), Math.round(top * scale));
  context.scale(scale, scale);
  context.textBaseline = "top";
  context.fillStyle = theme.colour("--ink");
  context.font = theme.font(TITLE, true);
  context.fillText(chart.title, MARGIN, MARGIN);
  context.font = theme.font(TEXT);
  let y = MARGIN + TITLE + 6;
  for (const line of lines) {
    context.fillText(line, MARGIN, y);
    y += LINE;
  }
  const isBars = chart.form === "bars" || chart.form === "stack";
  for (const { label, tone, x, line } of keys) {
    const keyY = y + line * LINE;
    drawKey(
      context,
      { x: MARGIN + x, y: keyY, isBars, hatch: hatchOf(tone), dash: dashOf(tone) },
      theme.colour(colourName(tone)),
    );
    context.fillStyle = theme.colour("--ink");
    context.fillText(label, MARGIN + x + SWATCH + 6, keyY);
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The canvas gave no picture."))), "image/png");
  });
}

interface Key {
  x: number;
  y: number;
  isBars: boolean;
  hatch: string;
  dash: readonly number[];
}

function drawKey(context: CanvasRenderingContext2D, { x, y, isBars, hatch, dash }: Key, colour: string): void {
  context.save();
  context.translate(x, y);
  context.strokeStyle = context.fillStyle = colour;
  context.beginPath();
  if (isBars) {
    context.rect(6, 0, 16, 11);
    context.stroke();
    context.clip();
    if (!hatch) context.fillRect(6, 0, 16, 11);
    else {
      for (const at of [6, 14]) {
        const tile = new Path2D();
        tile.addPath(new Path2D(hatch), new DOMMatrix().translate(at, 0));
        tile.addPath(new Path2D(hatch), new DOMMatrix().translate(at, 8));
        context.stroke(tile);
      }
    }
  } else {
    context.lineWidth = 2;
    context.setLineDash([...dash]);
    context.moveTo(0, 6);
    context.lineTo(SWATCH, 6);
    context.stroke();
  }
  context.restore();
}

/** The words of a text in lines that are no wider. */
function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Where the entries of the legend stand, in lines that are no wider. */
function placed({ series }: ChartData, width: number, measure: (text: string) => number) {
  let [x, line] = [0, 0];
  return series.map(({ label, tone }) => {
    const room = SWATCH + 6 + measure(label) + 16;
    if (x > 0 && x + room > width) [x, line] = [0, line + 1];
    const key = { label, tone, x, line };
    x += room;
    return key;
  });
}

/** Has the browser save a file. */
export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
