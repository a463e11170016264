import { QemuWebError } from "../core/errors.ts";

/** A file that ships with the extension, as versions.json lists it. */
export interface FileFacts {
  /** Path beside versions.json. */
  file: string;
  /** Hexadecimal. */
  sha256: string;
  bytes: number;
}

/** Where a set of packaged files lies, and the command that makes it in a clone. */
export interface Package {
  /** URL of the folder, with a slash at its end. */
  folder: string;
  what: string;
  build: string;
}

export type Fetch = (url: string) => Promise<Response>;

/** The file's bytes, checked against its hash. Throws `engine-missing` or `engine-corrupt`. */
export async function packagedFile(from: Package, facts: FileFacts, fetch: Fetch): Promise<Uint8Array<ArrayBuffer>> {
  return checked(from, facts, await packagedBytes(from, facts.file, await packagedResponse(from, facts.file, fetch)));
}

/** Throws `engine-missing`. */
export async function packagedResponse(from: Package, file: string, fetch: Fetch): Promise<Response> {
  const response = await fetch(from.folder + file).catch((cause) => missing(from, file, cause));
  return response.ok ? response : missing(from, file);
}

/** Throws `engine-missing`. */
export async function packagedBytes(from: Package, file: string, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer().catch((cause) => missing(from, file, cause)));
}

/** The bytes, if they are the file that it was built with. Throws `engine-corrupt`. */
export async function checked<Bytes extends Uint8Array<ArrayBuffer>>(
  from: Package,
  facts: FileFacts,
  bytes: Bytes,
): Promise<Bytes> {
  if (hex(await crypto.subtle.digest("SHA-256", bytes)) === facts.sha256) return bytes;
  throw new QemuWebError(
    "engine-corrupt",
    `${from.what} is damaged: ${facts.file} is not the file that this version was built with.`,
    `Reinstall the extension; in a clone, run \`${from.build}\` and \`npm run build\`.`,
  );
}

/** versions.json of a package. */
export async function packagedVersions(from: Package, fetch: Fetch): Promise<unknown> {
  const response = await packagedResponse(from, "versions.json", fetch);
  return response.json().catch((cause) => missing(from, "versions.json", cause));
}

export function missing(from: Package, file: string, cause?: unknown): never {
  throw new QemuWebError(
    "engine-missing",
    `${from.what} is incomplete: ${file} is missing.`,
    `Reinstall the extension; in a clone, run \`${from.build}\` and \`npm run build\`.`,
    { cause },
  );
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
