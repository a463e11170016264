/**
 * A writable stream over a port of its own, whose write resolves when the far sink took the chunk. A transferred
 * WritableStream resolves once a chunk was sent, so it can't tell a page how much of a paste the guest has taken.
 */
interface Acknowledgement {
  /** Why the far sink refused; absent when it took the chunk. */
  error?: string;
}

/** The near half: a port to hand over, behind which chunks go to `sink` one at a time. */
export function offerWritable(sink: WritableStream<Uint8Array>): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const writer = sink.getWriter();
  const answer = (acknowledgement: Acknowledgement) => port1.postMessage(acknowledgement);
  port1.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
    writer.write(data).then(
      () => answer({}),
      (thrown: unknown) => answer({ error: String(thrown) }),
    );
  };
  port1.onmessageerror = () => answer({ error: "What was written could not be read." });
  return port2;
}

/** The far half. */
export function openWritable(port: MessagePort): WritableStream<Uint8Array> {
  let settle: (acknowledgement: Acknowledgement) => void = () => {};
  port.onmessage = ({ data }: MessageEvent<Acknowledgement>) => settle(data);
  port.onmessageerror = () => settle({ error: "An acknowledgement could not be read." });
  return new WritableStream({
    // The stream itself writes one chunk at a time, so there is one answer to wait for.
    write: (bytes) =>
      new Promise((resolve, reject) => {
        settle = ({ error }) => (error === undefined ? resolve() : reject(new Error(error)));
        port.postMessage(bytes);
      }),
    close: () => port.close(),
    abort: () => port.close(),
  });
}
