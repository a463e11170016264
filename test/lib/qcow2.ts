/** An empty qcow2 image (version 2, clusters of 64 KiB) of `size` bytes: docs/interop/qcow2.txt of QEMU. */
export function blankQcow2(size: number): Uint8Array {
  const CLUSTER = 1 << 16;
  // Header, reference count table, its only block, L1 table: a cluster each.
  const image = new DataView(new ArrayBuffer(4 * CLUSTER));
  image.setUint32(0, 0x514649fb);
  image.setUint32(4, 2);
  image.setUint32(20, 16);
  image.setBigUint64(24, BigInt(size));
  image.setUint32(36, Math.ceil(size / (CLUSTER * (CLUSTER / 8))));
  image.setBigUint64(40, BigInt(3 * CLUSTER));
  image.setBigUint64(48, BigInt(CLUSTER));
  image.setUint32(56, 1);
  image.setBigUint64(CLUSTER, BigInt(2 * CLUSTER));
  for (let n = 0; n < 4; n++) image.setUint16(2 * CLUSTER + 2 * n, 1);
  return new Uint8Array(image.buffer);
}
