autoreconf -fi
emconfigure ./configure --host=wasm64-unknown-linux --prefix="$PREFIX" --libdir="$PREFIX/lib" --enable-static \
  --disable-shared --disable-dependency-tracking --disable-builddir --disable-multi-os-directory \
  --disable-raw-api --disable-docs
# configure adds JavaScript exceptions, which exclude native longjmp, and full memory64.
sed -i -e 's/ -fexceptions//g' -e 's/ -sMEMORY64=1//g' Makefile
emmake make -j"$(nproc)" install SUBDIRS=include
