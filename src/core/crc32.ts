/** A checksum of 32 bits, least significant bit first; `polynomial` without its highest power. */
function checksum(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    return crc;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
    return ~crc >>> 0;
  };
}

/** CRC-32 as in zip and PNG (ISO 3309). */
export const crc32 = checksum(0xedb88320);

/** CRC-32C as in iSCSI (RFC 3720, B.4) and VHDX. */
export const crc32c = checksum(0x82f63b78);
