/** Is every byte 0? Ends at the first that isn't. */
export function isZero(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, length } = bytes;
  const head = Math.min(length, -byteOffset & 3);
  const words = new Int32Array(buffer, byteOffset + head, (length - head) >> 2);
  for (let at = 0; at < head; at++) if (bytes[at] !== 0) return false;
  for (let at = head + words.length * 4; at < length; at++) if (bytes[at] !== 0) return false;
  // Four at a time: an export looks at all of a disk.
  let at = 0;
  for (; at + 4 <= words.length; at += 4) {
    const any = (words[at] ?? 0) | (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0);
    if (any !== 0) return false;
  }
  for (; at < words.length; at++) if (words[at] !== 0) return false;
  return true;
}
