emconfigure ./configure --static --prefix="$PREFIX"
emmake make -j"$(nproc)" libz.a
emmake make install
