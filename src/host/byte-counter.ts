import type { Job } from "../block/image-library.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Makes streams that pass bytes on, and tell the job how many went through all of them. */
export function byteCounter(job: Job, total?: number): () => TransformStream<Bytes, Bytes> {
  let done = 0;
  return () =>
    new TransformStream({
      transform(chunk, controller) {
        done += chunk.length;
        job.progress(done, total);
        controller.enqueue(chunk);
      },
    });
}
