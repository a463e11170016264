# Sourced in an empty folder by what downloads Debian packages: a private apt that knows $SUITE of $MIRROR alone, binary packages
# for $ARCHITECTURE and sources. It needs no root, and the machine's own lists and packages are nothing to it.
mkdir -p apt/lists/partial apt/cache/archives/partial
touch apt/status
for kind in deb deb-src; do
  echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR $SUITE main"
done >apt/sources.list
cat >apt/apt.conf <<END
APT::Architecture "$ARCHITECTURE";
Dir::Etc::sourcelist "$PWD/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State::lists "$PWD/apt/lists";
Dir::State::status "$PWD/apt/status";
Dir::Cache "$PWD/apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
END
export APT_CONFIG="$PWD/apt/apt.conf"
apt-get update
