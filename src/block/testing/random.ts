/** Whole numbers from 0 to below `limit`, the same for the same seed (mulberry32). */
export function random(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Bytes that do not compress and do not repeat. */
export function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const next = random(seed);
  const words = new Uint32Array((length + 3) >> 2);
  for (let n = 0; n < words.length; n++) words[n] = next(2 ** 32);
  return new Uint8Array(words.buffer, 0, length);
}
