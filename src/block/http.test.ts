import { afterAll, beforeEach, expect, test } from "vitest";
import { openHttp } from "./http.ts";
import { differs } from "./testing/check.ts";
import { type Fault, imageServer } from "./testing/image-server.ts";
import { pattern } from "./testing/random.ts";

const MIB = 1 << 20;
const image = pattern(3 * MIB + 77, 1);
const server = await imageServer();
afterAll(() => server.close());

let url: string;
beforeEach(() => {
  url = server.put(`image-${Math.random()}`, image);
  server.requests.length = 0;
  server.faults.length = 0;
  server.busiest = 0;
});

const options = { wholeLimit: 0, backoff: [1, 1, 1] };

async function expectRead(device: Awaited<ReturnType<typeof openHttp>>, offset = 0, length = image.length - offset) {
  const into = new Uint8Array(length);
  await device.read(offset, into);
  expect(differs(into, image.subarray(offset, offset + length))).toBeUndefined();
}

const status =
  (code: number): Fault =>
  (_request, response) => {
    response.writeHead(code).end();
    return true;
  };

/** Sends the first `count` bytes of the range with the headers of all of it, then drops the connection. */
const dropAfter =
  (count: number): Fault =>
  (request, response, bytes) => {
    const [start = 0, end = 0] = (request.headers.range ?? "").replace("bytes=", "").split("-").map(Number);
    const range = `bytes ${start}-${end}/${bytes.length}`;
    response.writeHead(206, { "Content-Range": range, "Content-Length": end + 1 - start });
    response.write(bytes.subarray(start, start + count), () => response.destroy());
    return true;
  };

/** Answers 206 with this Content-Range and these bytes. */
const answer =
  (range: string | undefined, bytes: Uint8Array): Fault =>
  (_request, response) => {
    response.writeHead(206, range === undefined ? {} : { "Content-Range": range }).end(bytes);
    return true;
  };

test("asks for the first byte, and then for what is read", async () => {
  const device = await openHttp(url, options);
  expect(device.size).toBe(image.length);
  await expectRead(device, 1000, 10);
  expect(server.requests).toEqual(["bytes=0-0", "bytes=1000-1009"]);
});

test("reads much in pieces, four at once", async () => {
  const long = pattern(20 * MIB, 2);
  const device = await openHttp(server.put("long", long), options);
  // The first four are answered when all of them are there.
  const held: (() => void)[] = [];
  server.faults.push(
    ...Array.from(
      { length: 4 },
      (): Fault => (request, response, bytes) => {
        held.push(() => dropAfter(MIB)(request, response, bytes));
        if (held.length === 4) for (const send of held) send();
        return true;
      },
    ),
  );
  const into = new Uint8Array(long.length);
  await device.read(0, into);
  expect(differs(into, long)).toBeUndefined();
  expect(server.requests).toHaveLength(21);
  expect(server.busiest).toBe(4);
});

test("tries again after 5xx and 429, when it opens too", async () => {
  server.faults.push(status(503), status(500));
  const device = await openHttp(url, options);
  server.faults.push(status(502), status(429));
  await expectRead(device, 0, 100);
  expect(server.requests).toHaveLength(6);
});

test("gives up on a server that stays broken", async () => {
  const device = await openHttp(url, options);
  server.faults.push(...Array.from({ length: 4 }, () => status(500)));
  await expect(device.read(0, new Uint8Array(9))).rejects.toMatchObject({
    code: "file-unreadable",
    message: `The image ${url} can't be read: the server answers 500.`,
    hint: /try again/,
  });
  // The next read starts afresh.
  await expectRead(device, 0, 9);
});

test("goes on where a connection was dropped, as long as something comes", async () => {
  const device = await openHttp(url, options);
  server.faults.push(...Array.from({ length: 9 }, () => dropAfter(1000)));
  await expectRead(device, 5, 20_000);
  expect(server.requests.slice(1)).toEqual(Array.from({ length: 10 }, (_, n) => `bytes=${5 + n * 1000}-20004`));
});

test("gives up when nothing comes any more", async () => {
  const device = await openHttp(url, options);
  server.faults.push(dropAfter(1000), ...Array.from({ length: 4 }, () => dropAfter(0)));
  await expect(device.read(0, new Uint8Array(5000))).rejects.toMatchObject({
    code: "file-unreadable",
    message: /lost/,
  });
});

test("asks for the rest of a short answer", async () => {
  const device = await openHttp(url, options);
  server.faults.push(answer(`bytes 0-99/${image.length}`, image.subarray(0, 100)));
  await expectRead(device, 0, 300);
  expect(server.requests.slice(1)).toEqual(["bytes=0-299", "bytes=100-299"]);
});

test("takes no more of an answer than it asked for", async () => {
  const device = await openHttp(url, options);
  server.faults.push(answer(`bytes 0-999/${image.length}`, image.subarray(0, 1000)));
  const buffer = new Uint8Array(200);
  await device.read(0, buffer.subarray(0, 100));
  expect(differs(buffer.subarray(0, 100), image.subarray(0, 100))).toBeUndefined();
  expect(buffer.subarray(100).every((byte) => byte === 0)).toBe(true);
});

test.each([
  ["another place", `bytes 10-19/${image.length}`, /other bytes/],
  ["no place", undefined, /other bytes/],
  ["nonsense", "bytes zero", /other bytes/],
  ["another size", "bytes 0-9/12345", /was changed/],
])("refuses an answer with %s in Content-Range", async (_what, range, message) => {
  const device = await openHttp(url, options);
  server.faults.push(answer(range, image.subarray(0, 10)));
  await expect(device.read(0, new Uint8Array(10))).rejects.toMatchObject({ message });
});

test.each(["size kept", "size changed"])(
  "an image that changed on the server is told, never mixed: %s",
  async (how) => {
    const device = await openHttp(url, options);
    await expectRead(device, 0, 100);
    server.put(new URL(url).pathname.slice(1), how === "size kept" ? image : image.subarray(1));
    await expect(device.read(0, new Uint8Array(100))).rejects.toMatchObject({
      code: "image-changed",
      message: `The image ${url} was changed on its server since it was first used.`,
      hint: /make a new disk/,
    });
  },
);

test("an image that changed on a server that knows no If-Range is told too", async () => {
  const device = await openHttp(url, options);
  server.faults.push((_request, response) => {
    response
      .writeHead(206, { "Content-Range": `bytes 0-9/${image.length}`, ETag: '"other"' })
      .end(image.subarray(0, 10));
    return true;
  });
  await expect(device.read(0, new Uint8Array(10))).rejects.toMatchObject({ message: /was changed/ });
});

test("an image that changed while a dropped read goes on is told", async () => {
  const device = await openHttp(url, options);
  server.faults.push((request, response, bytes) => {
    server.put(new URL(url).pathname.slice(1), image);
    return dropAfter(1000)(request, response, bytes);
  });
  await expect(device.read(0, new Uint8Array(5000))).rejects.toMatchObject({ message: /was changed/ });
});

test("without a strong ETag, the date of the last change pins the image", async () => {
  const date = "Sat, 21 Nov 2026 12:00:00 GMT";
  const asked: unknown[] = [];
  const dated =
    (range: string): Fault =>
    (request, response) => {
      asked.push(request.headers["if-range"]);
      response
        .writeHead(206, { "Content-Range": range, "Last-Modified": date, ETag: 'W/"weak"' })
        .end(image.subarray(0, 1));
      return true;
    };
  server.faults.push(dated("bytes 0-0/9"), dated("bytes 5-5/9"));
  const device = await openHttp(url, options);
  await device.read(5, new Uint8Array(1));
  expect(asked).toEqual([undefined, date]);
});

test.each([404, 403, 416])("an address that answers %i is no image, at once", async (code) => {
  server.faults.push(status(code));
  await expect(openHttp(url, options)).rejects.toMatchObject({
    code: "file-unreadable",
    message: `The image ${url} can't be had: the server answers ${code}.`,
  });
  expect(server.requests).toHaveLength(1);
});

test("a server that doesn't tell the size is told what it lacks", async () => {
  server.faults.push(answer("bytes 0-0/*", image.subarray(0, 1)));
  await expect(openHttp(url, options)).rejects.toMatchObject({ code: "file-unreadable", hint: /Content-Range/ });
});

test("a server that can't be reached is told so", async () => {
  const gone = await imageServer();
  await gone.close();
  await expect(openHttp(`${gone.url}/x`, options)).rejects.toMatchObject({ code: "file-unreadable", message: /lost/ });
});

test("without ranges the image is downloaded whole, in one request, with progress", async () => {
  const seen: [number, number | undefined][] = [];
  const device = await openHttp(`${url}?ranges=no`, {
    wholeLimit: image.length,
    progress: (received, total) => seen.push([received, total]),
  });
  await expectRead(device);
  expect(server.requests).toHaveLength(1);
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.at(-1)).toEqual([image.length, image.length]);
});

test("a whole download over the limit is refused, whether or not the server says how long it is", async () => {
  const refused = { code: "file-unreadable", message: /longer than 1048576 bytes/, hint: /range requests/ };
  await expect(openHttp(`${url}?ranges=no`, { wholeLimit: MIB })).rejects.toMatchObject(refused);
  server.faults.push((_request, response, bytes) => {
    response.writeHead(200, { "Transfer-Encoding": "chunked" }).end(bytes);
    return true;
  });
  await expect(openHttp(url, { wholeLimit: MIB })).rejects.toMatchObject(refused);
});

test("a whole download that breaks off begins anew", async () => {
  server.faults.push((_request, response, bytes) => {
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 1000), () => response.destroy());
    return true;
  });
  const device = await openHttp(`${url}?ranges=no`, { ...options, wholeLimit: image.length });
  await expectRead(device);
});

test("a signal ends opening and reading, also while it waits for the next try", async () => {
  const reason = new Error("enough");
  for (const opening of [true, false]) {
    const stop = new AbortController();
    const device = opening ? undefined : await openHttp(url, { wholeLimit: 0, backoff: [60_000] });
    server.faults.push((request, response, bytes) => {
      setTimeout(() => stop.abort(reason), 10);
      return status(500)(request, response, bytes);
    });
    const work = device
      ? device.read(0, new Uint8Array(9), stop.signal)
      : openHttp(url, { wholeLimit: 0, backoff: [60_000], signal: stop.signal });
    await expect(work).rejects.toBe(reason);
  }
});

test("closing ends what is under way", async () => {
  const device = await openHttp(url, { wholeLimit: 0, backoff: [60_000] });
  server.faults.push(status(500));
  const reading = device.read(0, new Uint8Array(9));
  await device.close();
  await expect(reading).rejects.toMatchObject({ message: "The disk is closed." });
});
