/** A file of the worker: how to get its text, and which others it imports as it starts. */
export interface Part {
  load(): Promise<{ default: string }>;
  imports: readonly string[];
}

/** What the worker posts when it wants a part; the answer comes over the port: a URL, or why there is none. */
interface PartRequest {
  part: string;
}

const HOW: WorkerOptions = { type: "module", name: "triptych" };
/** Runs in the worker before its own text: how it finds what it imports later. */
const IMPORT_PART = `self.importPart = (part) => new Promise((resolve, reject) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { url, error } }) => {
    port1.close();
    url ? import(url).then(resolve, reject) : reject(error);
  };
  postMessage({ part }, [port2]);
});
`;

/**
 * A worker of a page's own texts, as any bundler carries them: it has a `blob:` URL, by which no file can be found, so the page gives
 * each part that it imports a URL as well. `entry` names the part that it begins with. Where the page's policy lets workers come from
 * such URLs but not what they import, the worker is made of `whole`, which imports nothing.
 */
export async function startBlobWorker(
  entry: string,
  parts: Readonly<Record<string, Part>>,
  whole: () => Promise<{ default: string }>,
): Promise<Worker> {
  if (!(await allowsBlobScripts())) return new Worker(urlOfText((await whole()).default), HOW);
  const urls = new Map<string, Promise<string>>();
  const urlOf = (name: string): Promise<string> => {
    const known = urls.get(name);
    if (known) return known;
    const made = makeUrl(name);
    urls.set(name, made);
    // Asked for again, it is fetched again.
    made.catch(() => urls.delete(name));
    return made;
  };
  const makeUrl = async (name: string): Promise<string> => {
    const { load, imports } = parts[name];
    const [{ default: text }, ...found] = await Promise.all([load(), ...imports.map(urlOf)]);
    const placed = imports.reduce((all, other, i) => all.replaceAll(`"part:${other}"`, JSON.stringify(found[i])), text);
    return urlOfText(name === entry ? IMPORT_PART + placed : placed);
  };
  const worker = new Worker(await urlOf(entry), HOW);
  worker.addEventListener("message", ({ data, ports: [port] }: MessageEvent<Partial<PartRequest> | null>) => {
    if (typeof data?.part !== "string") return;
    urlOf(data.part).then(
      (url) => port.postMessage({ url }),
      (error: unknown) => port.postMessage({ error }),
    );
  });
  return worker;
}

function urlOfText(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** Whether scripts may come from `blob:` URLs: the page is tried, whose policy its workers have. */
async function allowsBlobScripts(): Promise<boolean> {
  if (!globalThis.document) return true;
  const script = document.createElement("script");
  try {
    return await new Promise((resolve) => {
      script.onload = () => resolve(true);
      script.onerror = () => resolve(false);
      script.src = urlOfText("");
      document.head.append(script);
    });
  } catch {
    // Trusted Types take no address that is a text.
    return false;
  } finally {
    script.remove();
  }
}
