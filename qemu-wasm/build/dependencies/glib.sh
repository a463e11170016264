# Only libglib: QEMU uses nothing of gobject or gio, and building them takes minutes.
# glib probes res_query in libresolv for gio's sake.
mkdir -p stub && echo 'int res_query(const char *n, int c, int t, unsigned char *a, int l) { return -1; }' > stub/resolv.c
emcc $CFLAGS -c stub/resolv.c -o stub/resolv.o && emar rcs stub/libresolv.a stub/resolv.o

# Its configuration asks for libffi, for gobject's sake.
printf 'Name: libffi\nDescription: not linked\nVersion: 3.0.0\n' > stub/libffi.pc

PKG_CONFIG_LIBDIR="$PKG_CONFIG_LIBDIR:$PWD/stub" LDFLAGS="$LDFLAGS -L$PWD/stub" meson setup build --cross-file cross.ini --prefix /usr --libdir lib \
  --default-library static --buildtype release -Dselinux=disabled -Dxattr=false \
  -Dlibmount=disabled -Dnls=disabled -Dtests=false -Dglib_debug=disabled -Dglib_assert=false -Dglib_checks=false \
  -Dintrospection=disabled -Ddocumentation=false -Dman-pages=disabled -Dsysprof=disabled
ninja -C build glib/libglib-2.0.a gthread/libgthread-2.0.a gmodule/gmodule-visibility.h

mkdir -p "$PREFIX/lib/pkgconfig" "$PREFIX/include/glib-2.0/glib/deprecated" "$PREFIX/include/glib-2.0/gmodule"
# meson's archives are thin, and libglib's is three: make whole ones.
emar rcs "$PREFIX/lib/libglib-2.0.a" $(find build/glib -name '*.o')
emar rcs "$PREFIX/lib/libgthread-2.0.a" $(find build/gthread -name '*.o')
cp glib/*.h build/glib/*.h "$PREFIX/include/glib-2.0/glib"
cp glib/deprecated/*.h "$PREFIX/include/glib-2.0/glib/deprecated"
cp glib/glib.h glib/glib-unix.h gmodule/gmodule.h build/glib/glibconfig.h "$PREFIX/include/glib-2.0"
cp build/gmodule/gmodule-visibility.h "$PREFIX/include/glib-2.0/gmodule"
for name in glib-2.0 gthread-2.0 gmodule-2.0 gmodule-no-export-2.0 gmodule-export-2.0; do
  library=-lglib-2.0
  [ $name = gthread-2.0 ] && library="-lgthread-2.0 -lglib-2.0"
  cat > "$PREFIX/lib/pkgconfig/$name.pc" <<END
prefix=$PREFIX
bindir=/usr/bin
glib_mkenums=/usr/bin/glib-mkenums
Name: $name
Description: glib for the engine
Version: 2.84.4
Requires.private: libpcre2-8
Libs: -L$PREFIX/lib $library
Cflags: -I$PREFIX/include/glib-2.0
END
done
