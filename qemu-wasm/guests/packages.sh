# Sourced in an empty folder: downloads $PACKAGES, or those of their dependencies (themselves included) that match $DEPENDENCIES,
# and writes `list` (see packages.ts). From where: see apt.sh.
source "$REPOSITORY/qemu-wasm/build/apt.sh"

names=$PACKAGES
if [ -n "$DEPENDENCIES" ]; then
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    $PACKAGES | grep '^[a-z0-9]' | grep -E "$DEPENDENCIES" | sort -u)
fi
apt-get download $names

for deb in *.deb; do
  package=$(dpkg-deb -f "$deb" Package)
  version=$(dpkg-deb -f "$deb" Version)
  echo "package $package $version $(dpkg-deb -f "$deb" Architecture) $deb $(sha256sum "$deb" | cut -d' ' -f1)" >>list
  source=$(dpkg-deb -f "$deb" Source)
  source=${source:-$package}
  case $source in
    *" ("*) own="${source%% *} $(sed 's/.*(\(.*\))/\1/' <<<"$source")" ;;
    *) own="$source $version" ;;
  esac
  # "glibc (= 2.41-12), gcc-14 (= 14.2.0-19)": the libraries inside a static program.
  linked=$(dpkg-deb -f "$deb" Built-Using Static-Built-Using | sed 's/^[A-Za-z-]*: //; s/, */\n/g' | sed -n 's/^\(.*\) (= \(.*\))$/\1 \2/p')
  printf '%s\n' "$own" "$linked" | awk 'NF && !seen[$0]++' | while read -r name version; do
    echo "source $name $version" >>list
    apt-get source --print-uris --only-source "$name=$version" | sed -n "s/^'[^']*' \([^ ]* [^ ]* [^ ]*\)\$/file \1/p" >>list
  done
  mv "$deb" "$package.deb"
done
rm -r apt
