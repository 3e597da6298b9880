import type { PickedFile } from "../runtime/stored-orders.js";

/** What a model's files may be given as: one file or several, or a whole folder; bytes need a name, as GGUF's are `model.gguf`. */
export type ModelFiles = File | Blob | ArrayBuffer | ArrayLike<File> | Readonly<Record<string, Blob | ArrayBuffer>>;

/** The files that were given, by their names in their folder. */
export function filesOf(given: ModelFiles): PickedFile[] {
  const blobOf = (value: Blob | ArrayBuffer) => (value instanceof Blob ? value : new Blob([value]));
  const one = (file: Blob | ArrayBuffer) => {
    const blob = blobOf(file);
    const named = blob as Partial<File>;
    return { name: named.webkitRelativePath || named.name || "model.gguf", blob };
  };
  if (given instanceof Blob || given instanceof ArrayBuffer) return [one(given)];
  if ("length" in given && typeof given.length === "number") return Array.from(given as ArrayLike<File>, one);
  return Object.entries(given as Record<string, Blob | ArrayBuffer>).map(([name, value]) => ({
    name,
    blob: blobOf(value),
  }));
}

/** The address that files are a model by: the same files have the same one. */
export function pickedAddress(files: readonly PickedFile[]): string {
  // Files without a folder are called by that with the weights.
  const { name, blob } = files.find((file) => /\.(gguf|safetensors)$/i.test(file.name)) ?? files[0];
  // The same files picked again are the same model; what has no date is one of its own.
  const stamp = files.map((file) => [file.name, file.blob.size, (file.blob as Partial<File>).lastModified]);
  const isDated = stamp.every(([, , date]) => date !== undefined);
  const key = isDated ? hashOf(JSON.stringify(stamp)) : `${hashOf(String(performance.now()))}-${blob.size}`;
  const folder = name.includes("/") ? name.slice(0, name.indexOf("/")) : name;
  return `picked://${key}/${encodeURIComponent(folder)}/`;
}

/** 32 bits of a text, as FNV-1a has them. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
