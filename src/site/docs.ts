// The documentation's search: its index is fetched with the first letter that is typed.
import MiniSearch from "minisearch";

const MOST = 12;
const site = document.querySelector<HTMLScriptElement>("script[data-site]")?.dataset.site ?? "";
const query = document.querySelector<HTMLInputElement>("#query");
const found = document.querySelector<HTMLOListElement>("#found");
let index: Promise<MiniSearch> | null = null;

async function loadIndex(): Promise<MiniSearch> {
  const answer = await fetch(`${site}search.json`);
  if (!answer.ok) throw new Error(`The search's index can't be read (${answer.status}).`);
  return MiniSearch.loadJSON(await answer.text(), { fields: ["title", "text"], storeFields: ["title"] });
}

function show(lines: readonly Node[]): void {
  found?.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.append(line);
      return item;
    }),
  );
  if (found) found.hidden = lines.length === 0;
}

async function search(): Promise<void> {
  const text = query?.value.trim() ?? "";
  if (text === "") return show([]);
  try {
    index ??= loadIndex();
    const hits = (await index).search(text, { prefix: true, fuzzy: 0.15, boost: { title: 3 }, combineWith: "AND" });
    // A later letter has asked for more.
    if (text !== query?.value.trim()) return;
    const links = hits.slice(0, MOST).map(({ id, title }) => {
      const link = document.createElement("a");
      link.href = site + String(id);
      link.textContent = String(title);
      return link;
    });
    show(links.length > 0 ? links : [document.createTextNode("Nothing was found.")]);
  } catch (error) {
    index = null;
    show([document.createTextNode((error as Error).message)]);
  }
}

query?.addEventListener("input", () => void search());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && query && found && !found.hidden) {
    query.value = "";
    show([]);
    query.focus();
  }
  // As on other sites of documentation.
  if (event.key === "/" && !(event.target as Element).matches("input, textarea")) {
    event.preventDefault();
    query?.focus();
  }
});

// On a narrow screen the list of pages would stand before every text.
const nav = document.querySelector<HTMLElement>("nav.all");
if (nav && matchMedia("(max-width: 46rem)").matches)
  for (const part of nav.querySelectorAll("details")) part.open = false;
// Until now the style sheet has kept them folded.
if (nav) nav.dataset.folded = "";
