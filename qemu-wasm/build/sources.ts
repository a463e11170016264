/** Debian's source tarballs that the engine is built from; each with the licence texts that the package must carry. */
import type { PoolFile } from "./debian.ts";

export interface Source extends PoolFile {
  name: string;
  version: string;
  /** Licence files in it. */
  licences: string[];
}

export const sources = {
  qemu: {
    name: "qemu",
    version: "11.1.1",
    path: "q/qemu/qemu_11.1.1+ds.orig.tar.xz",
    sha256: "0b1376e75dbe3e2fea4e408f8669f88a723f419f36a5b7d74cc6a4cfe07e4f5e",
    licences: ["COPYING", "COPYING.LIB", "LICENSE"],
  },
  glib: {
    name: "glib2.0",
    version: "2.84.4",
    path: "g/glib2.0/glib2.0_2.84.4.orig.tar.xz",
    sha256: "8a9ea10943c36fc117e253f80c91e477b673525ae45762942858aef57631bb90",
    licences: ["LICENSES/LGPL-2.1-or-later.txt"],
  },
  pcre2: {
    name: "pcre2",
    version: "10.46",
    path: "p/pcre2/pcre2_10.46.orig.tar.gz",
    sha256: "8d28d7f2c3b970c3a4bf3776bcbb5adfc923183ce74bc8df1ebaad8c1985bd07",
    licences: ["LICENCE.md"],
  },
  pixman: {
    name: "pixman",
    version: "0.44.0",
    path: "p/pixman/pixman_0.44.0.orig.tar.gz",
    sha256: "89a4c1e1e45e0b23dffe708202cb2eaffde0fe3727d7692b2e1739fec78a7dac",
    licences: ["COPYING"],
  },
  zlib: {
    name: "zlib",
    version: "1.3.1",
    path: "z/zlib/zlib_1.3.dfsg+really1.3.1.orig.tar.gz",
    sha256: "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb",
    licences: ["LICENSE"],
  },
  dtc: {
    name: "device-tree-compiler",
    version: "1.7.2",
    path: "d/device-tree-compiler/device-tree-compiler_1.7.2.orig.tar.xz",
    sha256: "92d8ca769805ae1f176204230438fe52808f4e1c7944053c9eec0e649b237539",
    licences: ["GPL", "BSD-2-Clause"],
  },
} satisfies Record<string, Source>;
