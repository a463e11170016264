emconfigure ./configure --host=wasm32-unknown-emscripten --prefix="$PREFIX" --enable-static --disable-shared \
  --disable-dependency-tracking --disable-jit
emmake make -j"$(nproc)" libpcre2-8.la
emmake make install-libLTLIBRARIES install-nodist_includeHEADERS install-pkgconfigDATA lib_LTLIBRARIES=libpcre2-8.la
