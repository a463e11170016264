mkdir -p "$PREFIX/lib/pkgconfig" "$PREFIX/include"
objects=
for file in libfdt/fdt*.c; do
  emcc $CFLAGS -Ilibfdt -c "$file" -o "${file%.c}.o"
  objects="$objects ${file%.c}.o"
done
emar rcs "$PREFIX/lib/libfdt.a" $objects
cp libfdt/*.h "$PREFIX/include"
cat > "$PREFIX/lib/pkgconfig/libfdt.pc" <<END
Name: libfdt
Description: Flat Device Tree manipulation
Version: 1.7.2
Libs: -L$PREFIX/lib -lfdt
Cflags: -I$PREFIX/include
END
