import { unlessAborted } from "../block/settle.ts";
import type { FileChunk, FileExport } from "../model/image.ts";

export interface ExportSource {
  /** May have characters that file systems refuse. */
  name: string;
  size: number;
  chunks: AsyncGenerator<FileChunk>;
  /** Lets go of what is exported; called once, however the export ends. */
  left(): Promise<void>;
  gone: AbortSignal;
}

/** A file whose pieces are made as they are read. It ends when its reader is gone. */
export function exportFile({ name, size, chunks, left, gone }: ExportSource): FileExport {
  let isOver = false;
  const over = async () => {
    if (isOver) return;
    isOver = true;
    gone.removeEventListener("abort", abort);
    await chunks.return(undefined).catch(() => undefined); // what it was doing was for nobody
    await left();
  };
  const abort = () => void over().catch(() => undefined); // nobody is left to hear of it
  gone.addEventListener("abort", abort, { once: true });
  const stream = new ReadableStream<FileChunk>(
    {
      async pull(controller) {
        try {
          const { done, value } = await unlessAborted(chunks.next(), gone);
          if (!done) return controller.enqueue(value);
        } catch (error) {
          await over().catch(() => undefined); // the first error is the one to tell
          throw error;
        }
        await over();
        controller.close();
      },
      cancel: over,
    },
    { highWaterMark: 0 },
  );
  return { name: name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, "-"), size, chunks: stream };
}
