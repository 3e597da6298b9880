import { PAGE_NAME, webPage } from "../web-page.js";

/** What a server's answer says of a file. */
export interface FileAnswer {
  response: Response;
  /** The file's byte that its body begins with. */
  begin: number;
  /** Of the whole file; null where it isn't said. */
  byteLength: number | null;
  validator: string | null;
}

/** Reads the headers of an answer to a request for such a range of a file. Throws for a web page in its place. */
export function answerOf(
  response: Response,
  { name, url }: { name: string; url: string },
  { begin, end }: { begin: number; end?: number } = { begin: 0 },
): FileAnswer {
  const { headers, status } = response;
  if (response.ok && /html/i.test(headers.get("content-type") ?? "") && !PAGE_NAME.test(name)) {
    void response.arrayBuffer().catch(() => undefined);
    throw webPage(url);
  }
  const validator = (headers.get("etag") ?? headers.get("last-modified"))?.replace(/^W\//, "") ?? null;
  // Of another origin that doesn't lay them open, these two are missing.
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get("content-range") ?? "");
  const isEncoded = !/^(?:identity)?$/i.test(headers.get("content-encoding") ?? "");
  const length = headers.get("content-length");
  const bodyBytes = !isEncoded && length !== null && /^\d+$/.test(length) ? Number(length) : null;
  if (status === 200) return { response, begin: 0, byteLength: bodyBytes, validator };
  // Nothing there: the file is shorter than what was asked for.
  if (status === 416) return { response, begin: -1, byteLength: range ? Number(range[2]) : null, validator };
  const rest = bodyBytes === null || end !== undefined ? null : begin + bodyBytes;
  return { response, begin: Number(range?.[1] ?? begin), byteLength: range ? Number(range[2]) : rest, validator };
}
