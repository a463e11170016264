/** Debian's packages to build with. */

/**
 * Each with what shows that it is there: programs on PATH, files (a path from /), Python modules (`python:NAME`). Where there is
 * no such package, something else may have brought these.
 */
export const evidence: Record<string, string[]> = {
  emscripten: ["emcc", "em++", "emar", "emranlib", "emconfigure", "emmake"],
  meson: ["meson"],
  "ninja-build": ["ninja"],
  "pkg-config": ["pkg-config"],
  make: ["make"],
  patch: ["patch"],
  "xz-utils": ["xz"],
  python3: ["python3"],
  "python3-pip": ["python:pip"],
  "python3-setuptools": ["python:setuptools"],
  "python3-wheel": ["python:wheel"],
  bison: ["bison"],
  flex: ["flex"],
  gcc: ["gcc", "ld", "readelf", "strip"],
  "libc6-dev": ["/usr/include/stdio.h"],
  bc: ["bc"],
  "libelf-dev": ["/usr/include/libelf.h"],
  "ca-certificates": ["/etc/ssl/certs"],
  // What Debian always has; to fetch packages, and to copy common licences from.
  apt: ["apt-get", "apt-cache"],
  dpkg: ["dpkg-deb"],
  "debian-archive-keyring": ["/usr/share/keyrings/debian-archive-keyring.gpg"],
  "base-files": ["/usr/share/common-licenses/GFDL-1.3"],
};

export const toolchainPackages = Object.keys(evidence);
