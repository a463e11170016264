import { CheckedDevice } from "./checked-device.ts";
import type { BlockDevice } from "./device.ts";
import { imageChanged, imageUnreadable } from "./errors.ts";
import { FileDevice } from "./file.ts";
import { type HttpImage, parseContentRange, validatorOf } from "./http-image.ts";
import { BACKOFF, checkStatus, retrying, Transient } from "./http-retry.ts";
import { type BaseIdentity, identify, sameBase } from "./identity.ts";
import { settleAll } from "./settle.ts";
import { Slots } from "./slots.ts";

/** Bytes of one request at most; a longer read is made of several at once. */
const PIECE = 1 << 20;

/** Nothing is taken from the browser's cache, and no cookie goes along. */
const PLAIN: RequestInit = { cache: "no-store", credentials: "omit" };

/** Requests at once: browsers open six connections to a server, and others want some too. */
const REQUESTS = 4;

/** Bytes of a whole download that are handed to the browser's Blob store together. */
const PART = 8 << 20;

export interface HttpOptions {
  /** Bytes that may be downloaded whole from a server that can't send ranges. */
  wholeLimit: number;
  /** Told of such a download, in bytes; `total` is undefined when the server doesn't say. */
  progress?(received: number, total: number | undefined): void;
  signal?: AbortSignal;
  /** Milliseconds before each new try. */
  backoff?: readonly number[];
}

/**
 * The image at `url`, read-only. Nothing is kept of what was read: put a `CacheDevice` over it, which reads ahead too.
 * Rejects with `file-unreadable`, and later with `image-changed` when the server has another image at that address.
 */
export async function openHttp(url: string, options: HttpOptions): Promise<BlockDevice> {
  const { signal = new AbortController().signal, backoff = BACKOFF } = options;
  return retrying(backoff, signal, async () => {
    const found = await probe(url, signal, backoff);
    return found instanceof HttpDevice ? found : new FileDevice(await whole(url, found, options));
  }).catch((thrown) => {
    throw asUnreadable(url, thrown);
  });
}

/**
 * The image as it was when it was known first, if it is still there: `validator` tells, or, when that is another or none,
 * the samples. Rejects with `image-changed`, or `file-unreadable`.
 */
export async function reopenHttp(known: HttpImage, identity: BaseIdentity, backoff = BACKOFF): Promise<BlockDevice> {
  const { url } = known;
  const signal = new AbortController().signal;
  const device = await retrying(backoff, signal, () => probe(url, signal, backoff)).catch((thrown) => {
    throw asUnreadable(url, thrown);
  });
  if (!(device instanceof HttpDevice)) {
    await device.body?.cancel();
    throw unreadable(url, "can't be read: the server no longer sends parts of it");
  }
  const { size, validator } = device.image;
  if (size !== known.size) throw imageChanged(url);
  const isSame = validator !== undefined && validator === known.validator;
  if (!isSame && !sameBase(await identify(device), identity)) throw imageChanged(url);
  return device;
}

/** The image if the server can send parts of it; otherwise the answer, which has all of it. */
async function probe(url: string, signal: AbortSignal, backoff: readonly number[]): Promise<HttpDevice | Response> {
  // A real range of the real thing: servers promise ranges in answers to HEAD, and then don't send them.
  const response = await fetch(url, { ...PLAIN, headers: { Range: "bytes=0-0" }, signal });
  checkStatus(response);
  if (response.status === 200) return response;
  await response.body?.cancel();
  if (response.status !== 206)
    throw unreadable(url, `can't be had: the server answers ${response.status}`, "Check the address.");
  const range = parseContentRange(response);
  if (range?.size === undefined) {
    throw unreadable(
      url,
      "can't be used: its size is not told",
      "Let the server send Content-Range, and expose it (Access-Control-Expose-Headers); or download the image and choose the file.",
    );
  }
  return new HttpDevice({ url, size: range.size, validator: validatorOf(response) }, backoff);
}

/** An image that its server sends parts of. */
export class HttpDevice extends CheckedDevice {
  readonly blockSize = PIECE;
  readonly #slots = new Slots(REQUESTS);

  constructor(
    readonly image: HttpImage,
    readonly backoff: readonly number[],
  ) {
    super();
  }

  get size(): number {
    return this.image.size;
  }

  protected override async readRange(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([failed.signal, signal]);
    const pieces: Promise<void>[] = [];
    for (let at = 0; at < into.length; at += PIECE) {
      const piece = this.#slots.run(() => this.#piece(offset + at, into.subarray(at, at + PIECE), stop));
      // One that fails spares the others' bytes.
      piece.catch((error) => failed.abort(error));
      pieces.push(piece);
    }
    await settleAll(pieces).catch((thrown) => {
      stop.throwIfAborted();
      throw thrown;
    });
  }

  /** Goes on where a lost connection ended. */
  async #piece(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    let got = 0;
    await retrying(this.backoff, signal, async (progress) => {
      signal.throwIfAborted();
      const rest = into.subarray(got);
      for await (const chunk of this.#request(offset + got, rest.length, signal)) {
        into.set(chunk, got);
        got += chunk.length;
        progress();
      }
      if (got < into.length) throw new Transient("the answer ended early");
    }).catch((thrown) => {
      signal.throwIfAborted();
      throw asUnreadable(this.image.url, thrown);
    });
  }

  /** The bytes of one answer, `length` at most. */
  async *#request(start: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { url, validator } = this.image;
    const headers = { Range: `bytes=${start}-${start + length - 1}`, ...(validator && { "If-Range": validator }) };
    const response = await fetch(url, { ...PLAIN, headers, signal });
    const reader = response.body?.getReader();
    try {
      checkStatus(response);
      this.#check(response, start);
      let left = length;
      while (reader && left > 0) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value.subarray(0, left);
        left -= value.length;
      }
    } finally {
      // A broken stream has nothing to cancel.
      await reader?.cancel().catch(() => undefined);
    }
  }

  /** Throws when the answer isn't the part of the image that begins at `start`. */
  #check(response: Response, start: number): void {
    const { url, size, validator } = this.image;
    // To If-Range, all of another image is the answer; a server that lost its file says 404, or 416 when it shrank.
    if (response.status === 200 || response.status === 416) throw imageChanged(url);
    if (response.status !== 206) throw unreadable(url, `can't be read any more: the server answers ${response.status}`);
    const range = parseContentRange(response);
    const now = validatorOf(response);
    if ((range?.size !== undefined && range.size !== size) || (now && now !== validator)) throw imageChanged(url);
    if (range?.start !== start)
      throw unreadable(url, "can't be read: the server sends other bytes than it was asked for");
  }
}

async function whole(url: string, response: Response, options: HttpOptions): Promise<Blob> {
  const length = response.headers.get("Content-Length");
  // Of a compressed answer, it is the length before it is unpacked.
  const total = length === null || response.headers.has("Content-Encoding") ? undefined : Number(length);
  const tooLong = () =>
    unreadable(
      url,
      `would have to be downloaded whole, and is longer than ${options.wholeLimit} bytes`,
      "The server can't send parts of it. Use one that can (HTTP range requests), or download the image and choose the file.",
    );
  const parts: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body?.getReader();
  try {
    if (total !== undefined && total > options.wholeLimit) throw tooLong();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      received += next.value.length;
      if (received > options.wholeLimit) throw tooLong();
      chunks.push(next.value);
      options.progress?.(received, total);
      if (received - parts.length * PART < PART) continue;
      parts.push(new Blob(chunks));
      chunks = [];
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  if (total !== undefined && received < total) throw new Transient("the download ended early");
  return new Blob([...parts, ...chunks]);
}

function asUnreadable(url: string, thrown: unknown): unknown {
  if (!(thrown instanceof Transient)) return thrown;
  const hint = "Check the address, the network, and that the extension may reach this server; then try again.";
  return unreadable(url, `can't be read: ${thrown.message}`, hint, thrown);
}

function unreadable(
  url: string,
  why: string,
  hint = "Try again later, or download the image and choose the file.",
  cause?: unknown,
) {
  return imageUnreadable(url, why, hint, cause);
}
