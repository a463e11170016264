# Builds QEMU's emulator for this machine. Runs inside the native toolchain root; native.ts gives TARBALL, OUTPUT and PATCHES.
rm -rf /tmp/qemu && mkdir /tmp/qemu && cd /tmp/qemu
tar xf "$TARBALL" --strip-components=1
for patch in $PATCHES; do
  patch -p1 --no-backup-if-mismatch < "/repository/$patch"
done
cp /repository/qemu-wasm/build/qemu/devices-x86_64.mak configs/devices/x86_64-softmmu/qemuweb.mak

mkdir build && cd build
../configure --without-default-features --without-default-devices --enable-system --target-list=x86_64-softmmu \
  --enable-tcg --with-devices-x86_64=qemuweb --enable-fdt=system --enable-pixman \
  --enable-qcow1 --enable-vdi --enable-vhdx --enable-vpc --enable-vmdk --enable-qed --enable-parallels --enable-dmg \
  --disable-debug-info --disable-install-blobs --disable-docs --disable-tools --disable-guest-agent --disable-werror \
  --disable-plugins || { tail -n 50 meson-logs/meson-log.txt; exit 1; }
ninja qemu-system-x86_64

# With the loader and the libraries of this root, whatever the machine has.
strip -o "$OUTPUT/qemu-system-x86_64" qemu-system-x86_64
mkdir "$OUTPUT/lib"
cp /lib64/ld-linux-x86-64.so.2 $(ldd qemu-system-x86_64 | sed -n 's/.* => \(\/[^ ]*\).*/\1/p') "$OUTPUT/lib"
rm -rf /tmp/qemu
