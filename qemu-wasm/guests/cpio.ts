/** Writes an initramfs: the kernel's "newc" cpio (Documentation/driver-api/early-userspace/buffer-format.rst), all root's, no times. */

export type Entry =
  | { path: string; type: "folder"; mode?: number }
  | { path: string; type: "file"; mode?: number; content: Uint8Array }
  | { path: string; type: "link"; target: string };

const kinds = { folder: 0o040000, file: 0o100000, link: 0o120000 };

/** An archive of `entries` in their order: a folder comes before what it holds. Paths have no leading slash. */
export function cpio(entries: Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  entries.forEach((entry, index) => {
    const content = entry.type === "file" ? entry.content : encode(entry.type === "link" ? entry.target : "");
    const mode = "mode" in entry && entry.mode !== undefined ? entry.mode : entry.type === "file" ? 0o644 : 0o755;
    record(parts, index + 1, kinds[entry.type] | mode, entry.path, content);
  });
  record(parts, 0, 0, "TRAILER!!!", new Uint8Array());
  const archive = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    archive.set(part, at);
    at += part.length;
  }
  return archive;
}

function record(parts: Uint8Array[], inode: number, mode: number, path: string, content: Uint8Array): void {
  const name = encode(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = encode(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  parts.push(header, name, padding(header.length + name.length), content, padding(content.length));
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
