# Builds QEMU's system emulators for wasm. engine.ts gives TARBALL, OUTPUT, PREFIXES, FDT_PREFIX, COMPILE_FLAGS and LINK_FLAGS.
rm -rf "$WORK/qemu" && mkdir -p "$WORK/qemu" && cd "$WORK/qemu"
tar xf "$TARBALL" --strip-components=1
for patch in "$REPOSITORY"/qemu-wasm/patches/qemu/*.patch; do
  patch -p1 --no-backup-if-mismatch < "$patch"
done
cp -r "$REPOSITORY/qemu-wasm/web" web
cp "$REPOSITORY/qemu-wasm/build/qemu/devices-x86_64.mak" configs/devices/x86_64-softmmu/qemuweb.mak

includes= libraries=
for prefix in $PREFIXES; do
  includes="$includes -I$prefix/include"
  libraries="$libraries -L$prefix/lib"
done

# Debian's QEMU has no dtc subproject: this one is the libfdt that was built before.
mkdir subprojects/dtc
cat > subprojects/dtc/meson.build <<END
project('dtc', 'c')
libfdt_dep = declare_dependency(compile_args: '-I$FDT_PREFIX/include', link_args: '$FDT_PREFIX/lib/libfdt.a')
END

for option in tools yaml python tests; do
  echo "option('$option', type: 'string')"
done > subprojects/dtc/meson_options.txt

# configure takes the flags of an emscripten build from this file, and from nowhere else.
quoted() { printf "'%s'," "$@"; }
cat > configs/meson/emscripten.txt <<END
[built-in options]
c_args = [$(quoted $COMPILE_FLAGS $includes)]
cpp_args = [$(quoted $COMPILE_FLAGS $includes)]
objc_args = ['-pthread']
c_link_args = [$(quoted $LINK_FLAGS --js-library=$WORK/qemu/web/runtime.js $libraries)]
cpp_link_args = [$(quoted $LINK_FLAGS --js-library=$WORK/qemu/web/runtime.js $libraries)]

[project options]
hexagon_idef_parser = false
END

mkdir build && cd build
emconfigure ../configure --cpu=wasm64 --wasm64-32bit-address-limit --static --without-default-features \
  --without-default-devices --with-coroutine=wasm --enable-system --target-list=x86_64-softmmu \
  --enable-tcg --enable-tcg-interpreter --with-devices-x86_64=qemuweb --enable-fdt=internal --enable-pixman \
  --enable-qcow1 --enable-vdi --enable-vhdx --enable-vpc --enable-vmdk --enable-qed --enable-parallels --enable-dmg \
  --disable-debug-info --disable-install-blobs --disable-docs --disable-tools --disable-guest-agent --disable-werror \
  --disable-plugins || { tail -n 50 meson-logs/meson-log.txt; exit 1; }
ninja qemu-system-x86_64.js web/tests/test-coroutine.js web/tests/test-barrier.js

mkdir -p "$OUTPUT/tests"
cp qemu-system-x86_64.js qemu-system-x86_64.wasm "$OUTPUT"
cp web/tests/test-{coroutine,barrier}.{js,wasm} "$OUTPUT/tests"
cp qemu-system-x86_64.js.symbols "$OUTPUT/tests/qemu-system-x86_64.symbols" # who reads a profile wants names
cp x86_64-softmmu-config-devices.mak "$OUTPUT/devices.mak"
cp build.ninja "$OUTPUT/build.ninja"
