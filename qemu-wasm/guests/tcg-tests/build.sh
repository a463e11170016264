# Compiles QEMU's own tests of TCG by QEMU's own makefiles. Runs inside the native toolchain root, in an empty folder; tcg-tests.ts
# gives TARBALL and OUTPUT.
tar xf "$TARBALL" --strip-components=1 --wildcards '*/tests/tcg' '*/include' '*/configs'
source=$PWD

# What QEMU's configure and top makefile would say: TARGET, and the compiler for it.
tests() {
  mkdir "$OUTPUT/$1" && cd "$OUTPUT/$1"
  make -rR -s -f "$source/tests/tcg/Makefile.target" SRC_PATH="$source" TARGET="$1" TARGET_NAME="${1%%-*}" CC="$2" PYTHON=python3 \
    BUILD_STATIC=y CROSS_CC_HAS_I386_NOPIE=-fno-pie all
  rm -f *.o *.h
  strip *
}
tests x86_64-softmmu gcc
tests i386-softmmu 'gcc -m32'
tests x86_64-linux-user gcc
tests i386-linux-user 'gcc -m32'

# Not for us: a plugin's target, and the same without its plugin, which does nothing; how QEMU's user mode shares signals with its
# guest; the vsyscall page, which Debian's kernel doesn't have.
cd "$OUTPUT"
rm x86_64-softmmu/patch-target */test-plugin-syscall-filter */linux-sigrtminmax x86_64-linux-user/vsyscall

# Results that QEMU's authors have on file.
cd "$source/tests/tcg"
for ref in x86_64 i386; do
  cp "$ref"/*.ref "$OUTPUT/$ref-linux-user"
done
