import { missingFile } from "../source.js";
import { shortName } from "./digest.js";
import { isThere, plainRefusal } from "./ask.js";
import type { FileFacts } from "./download.js";
import type { KeptModels } from "./kept-models.js";
import type { Place } from "./place.js";

/** A model folder on a web server of another origin. Each file is asked after once a visit: by its ETag or date, it may have changed. */
export function webPlace(models: KeptModels, url: string): Place {
  const locate = (name: string): string => {
    const file = new URL(url);
    file.pathname = `${file.pathname.replace(/\/+$/, "")}/${name}`;
    return file.href;
  };
  const refusalOf = (name: string) => async (response: Response) => {
    const error = plainRefusal(response, locate(name));
    return error.code === "missing_file" ? missingFile(name, url) : error;
  };
  return {
    url,
    async facts(name): Promise<FileFacts> {
      const file = locate(name);
      const entry = { id: `url-${shortName(file)}`, url: file, byteLength: null, digest: null };
      await models.noteUse(url, name, entry);
      return { ...entry, model: url, name, isPinned: false, besideBytes: 0, asking: { refusal: refusalOf(name) } };
    },
    async has(name, signal) {
      try {
        return await isThere(models.files.keeping, locate(name), { signal, refusal: refusalOf(name) });
      } catch (error) {
        const record = await models.record(url);
        if (!record?.used.includes(name) && !record?.absent.includes(name)) throw error;
        return record.used.includes(name);
      }
    },
    names: async () => null,
    onAbsent: (name) => models.noteAbsent(url, name),
  };
}
