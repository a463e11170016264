meson setup build --cross-file cross.ini --prefix "$PREFIX" --libdir lib --default-library static \
  --buildtype release -Dtests=disabled -Ddemos=disabled -Dgtk=disabled -Dlibpng=disabled -Dopenmp=disabled
meson install -C build
