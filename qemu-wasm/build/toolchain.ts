/** The compiler and everything else the engine and the guests are built with: a Debian system in the cache. */
import { debianRoot } from "./debian.ts";

const packages = [
  ...["emscripten", "meson", "ninja-build", "pkg-config", "make", "patch", "file", "xz-utils", "bzip2"],
  ...["python3", "python3-venv", "python3-pip", "python3-setuptools", "python3-wheel", "libglib2.0-dev-bin"],
  ...["bison", "flex", "gettext"],
  ...["gcc", "libc6-dev", "bc", "cpio", "kmod", "libelf-dev", "libssl-dev", "ca-certificates"],
];

export function toolchainRoot(): Promise<string> {
  return debianRoot("toolchain", packages);
}
