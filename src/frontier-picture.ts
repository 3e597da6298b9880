const SCALE = 2;
const MARGIN = 16;
const TITLE = 16;
const TOP = 44;

/** What a style sheet gives an element of a drawing. */
const PROPERTIES = ["fill", "stroke", "stroke-opacity", "stroke-width", "font-family", "font-size", "text-anchor"];

/** A picture of a drawing as it looks on the page, on the page's background, under a title. */
export async function pictureOf(drawing: SVGSVGElement, title: string): Promise<Blob> {
  const { width, height } = drawing.viewBox.baseVal;
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(styledCopyOf(drawing)))}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (height + TOP + MARGIN) * SCALE;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const { backgroundColor, color, fontFamily } = getComputedStyle(document.body);
  const { backgroundColor: behind } = getComputedStyle(document.documentElement);
  context.scale(SCALE, SCALE);
  context.fillStyle = "Canvas";
  for (const one of ["Canvas", behind, backgroundColor]) {
    context.fillStyle = one;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.fillStyle = color;
  context.font = `650 ${TITLE}px ${fontFamily}`;
  context.textBaseline = "top";
  context.fillText(title, MARGIN, MARGIN, width);
  context.drawImage(picture, MARGIN, TOP, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The canvas gave no picture."))), "image/png");
  });
}

/** A copy that needs no style sheet. */
function styledCopyOf(drawing: SVGSVGElement): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const { width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("width", String(width * SCALE));
  copy.setAttribute("height", String(height * SCALE));
  const copies = copy.querySelectorAll<SVGElement>("*");
  drawing.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const property of PROPERTIES) copies[i].style.setProperty(property, style.getPropertyValue(property));
  });
  return copy;
}
