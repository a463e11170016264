/** An HTTP server on loopback that keeps images in memory, and fails in the ways that servers do. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Image {
  bytes: Buffer;
  version: number;
}

/** What happens to one GET instead of the right answer; anything but true lets the right answer follow. */
export type Fault = (request: IncomingMessage, response: ServerResponse, image: Buffer) => true | undefined;

export interface ImageServer {
  url: string;
  /** Range headers of the GETs so far; empty for those without. */
  requests: string[];
  /** Faults for the next GETs, one each. */
  faults: (Fault | undefined)[];
  /** Most GETs that were under way at once. */
  busiest: number;
  put(name: string, bytes: Uint8Array): string;
  close(): Promise<void>;
}

/**
 * `headers` go with every answer. `PUT /name` stores an image, a new version if there was one; `GET /name` sends it; with `?ranges=no` always whole.
 */
export async function imageServer(headers: Record<string, string> = {}): Promise<ImageServer> {
  const images = new Map<string, Image>();
  let busy = 0;
  const put = (path: string, bytes: Uint8Array) => {
    images.set(path, { bytes: Buffer.from(bytes), version: (images.get(path)?.version ?? 0) + 1 });
  };
  const http = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "PUT") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      put(pathname, Buffer.concat(chunks));
      response.end();
      return;
    }
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    self.requests.push(request.headers.range ?? "");
    self.busiest = Math.max(self.busiest, ++busy);
    response.on("close", () => busy--);
    const image = images.get(pathname);
    if (!image) return void response.writeHead(404).end();
    if (self.faults.shift()?.(request, response, image.bytes)) return;
    send(request, response, image, searchParams.get("ranges") !== "no");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const self: ImageServer = {
    url,
    requests: [],
    faults: [],
    busiest: 0,
    put(name, bytes) {
      put(`/${name}`, bytes);
      return `${url}/${name}`;
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return self;
}

function send(request: IncomingMessage, response: ServerResponse, { bytes, version }: Image, canRange: boolean): void {
  const tag = `"v${version}"`;
  response.setHeader("ETag", tag);
  const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const other = request.headers["if-range"] !== undefined && request.headers["if-range"] !== tag;
  if (!asked || !canRange || other) {
    response.setHeader("Content-Length", bytes.length);
    response.end(bytes);
    return;
  }
  const start = Number(asked[1]);
  const end = Math.min(Number(asked[2]) + 1, bytes.length);
  const range = `bytes ${start}-${end - 1}/${bytes.length}`;
  response.writeHead(206, { "Content-Range": range, "Content-Length": end - start }).end(bytes.subarray(start, end));
}
