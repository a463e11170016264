mkdir -p "$PREFIX/lib" "$PREFIX/include"
objects=
for file in libfdt/fdt*.c; do
  emcc $CFLAGS -Ilibfdt -c "$file" -o "${file%.c}.o"
  objects="$objects ${file%.c}.o"
done
emar rcs "$PREFIX/lib/libfdt.a" $objects
cp libfdt/*.h "$PREFIX/include"
