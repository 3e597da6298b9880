import type { DownloadNews } from "../format/kept/keeping.js";
import type { PickedFile } from "../format/picked-source.js";
import type { Progress } from "../format/source.js";
import type { StoredModels } from "./stored-models.js";

/** A file of a page by its name. */
export type { PickedFile } from "../format/picked-source.js";

/** What a page asks of the models that its worker keeps, as plain data. */
export type StoredOrder =
  | { do: "list" }
  | { do: "remove"; address: string }
  | { do: "storage" }
  | { do: "fetch"; address: string }
  | { do: "watch" }
  | { do: "give"; address: string; files: readonly PickedFile[] }
  | { do: "token"; token: string | null; hub?: string };

/** What an order tells while it goes on. */
export type StoredNews = { type: "progress"; progress: Progress } | { type: "news"; news: DownloadNews };

/** Does what a page asks; `watch` lasts until the signal aborts. */
export async function obey(
  models: StoredModels,
  order: StoredOrder,
  signal: AbortSignal,
  tell: (news: StoredNews) => void,
): Promise<unknown> {
  switch (order.do) {
    case "list":
      return models.list();
    case "remove":
      return models.remove(order.address);
    case "storage":
      return models.storage();
    case "fetch":
      return models.fetch(order.address, { signal, onProgress: (progress) => tell({ type: "progress", progress }) });
    case "give":
      return models.give(order.address, order.files);
    case "token":
      return models.useToken(order.token, order.hub);
    case "watch": {
      const stop = models.watch((news) => tell({ type: "news", news }));
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return stop();
    }
  }
}
