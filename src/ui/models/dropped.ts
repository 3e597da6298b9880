/** A file of a folder that was dropped, by its path in it. */
type Files = Record<string, File>;

/** The files that a drop holds, those of folders by their paths. Must be called while the event is handled: browsers forget a drop behind it. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<Files> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length === 0) return Object.fromEntries([...files].map((file) => [file.name, file]));
  const all: Files = {};
  for (const entry of entries) await gather(entry, all);
  return all;
}

async function gather(entry: FileSystemEntry, all: Files): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    all[path] = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a part at a time, and none when it is through.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await gather(one, all);
  }
}
