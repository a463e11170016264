/** Cuts decoded text into lines without their ends (LF or CR LF); a last line without an end comes at the stream's end. */
export function lineSplitter(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
    },
    flush(controller) {
      if (rest !== "") controller.enqueue(rest);
    },
  });
}
