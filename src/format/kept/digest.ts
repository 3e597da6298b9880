import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** What a file's bytes must come to: SHA-256, or git's name for them, which is the SHA-1 of their length and them. */
export interface Digest {
  kind: "sha256" | "git";
  hex: string;
}

/** Sums bytes up as they come. */
export interface Summing {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Begins to sum the bytes of a file up. */
export function summing(kind: Digest["kind"], byteLength: number): Summing {
  const sum = kind === "sha256" ? sha256.create() : sha1.create();
  if (kind === "git") sum.update(utf8ToBytes(`blob ${byteLength}\0`));
  return { update: (bytes) => void sum.update(bytes), hex: () => bytesToHex(sum.digest()) };
}

/** A name of 32 letters for a text of any length. */
export function shortName(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}
