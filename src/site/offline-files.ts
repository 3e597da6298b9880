/** The cache of the site's large files. */
export const KEPT_CACHE = "triptych-large";

/** A file of the site, by its address from the site's root, with what changes when its bytes do. */
export interface SiteFile {
  url: string;
  revision: string;
  byteLength: number;
}

/** The site's files: those that are kept at once, and those that are from when they are first fetched. */
export interface OfflineFiles {
  small: readonly SiteFile[];
  large: readonly SiteFile[];
}

/** Where a large file is kept: its address with its revision, so that a newer version isn't taken for it. `base`: the site's root. */
export function keptUrl({ url, revision }: SiteFile, base: string): string {
  return `${new URL(url, base)}?revision=${revision}`;
}
