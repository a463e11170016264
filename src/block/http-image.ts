/** An image on a server, as it was when it was opened. */
export interface HttpImage {
  url: string;
  /** Bytes. */
  size: number;
  /** Changes whenever the image does; fit for If-Range. */
  validator: string | undefined;
}

/** A strong ETag, or the date of the last change: what RFC 9110, section 13.1.5, allows in If-Range. */
export function validatorOf(response: Response): string | undefined {
  const tag = response.headers.get("ETag");
  if (tag?.startsWith('"')) return tag;
  return response.headers.get("Last-Modified") ?? undefined;
}

/** RFC 9110, section 14.4; `size` is undefined when it says `*`. Undefined when there is none, or it can't be read. */
export function parseContentRange(response: Response): { start: number; size: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(?:(\d+)|\*)$/.exec(response.headers.get("Content-Range") ?? "");
  if (!match) return undefined;
  return { start: Number(match[1]), size: match[2] === undefined ? undefined : Number(match[2]) };
}
