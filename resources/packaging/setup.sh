# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by ./run and ./test: installs the Debian 12 packages that are missing. Works as root and with sudo, asks nothing.

build_packages="g++ cmake ninja-build ccache pkg-config qt6-base-dev qt6-base-dev-tools qt6-multimedia-dev qt6-tools-dev
 qt6-tools-dev-tools qt6-l10n-tools qt6-translations-l10n libqt6sql6-sqlite libgl1-mesa-dev libpcap-dev libssl-dev libavcodec-dev libavformat-dev
 libavutil-dev libswresample-dev libmp3lame-dev libsrtp2-dev libnice-dev libsofia-sip-ua-dev libgoogle-perftools-dev librsvg2-bin
 espeak-ng ffmpeg"
run_packages="fonts-inter qt6-qpa-plugins"
test_packages="clang libclang-rt-14-dev llvm clang-format xvfb xauth imagemagick pulseaudio pulseaudio-utils sip-tester baresip-core coturn linphone-cli kamailio kamailio-tls-modules tshark sox lame
 strace systemd tcpreplay util-linux python3 python3-cryptography sqlite3 libbcg729-dev libsqlite3-dev iproute2 gcc libc6-dev"
windows_packages="g++-mingw-w64-x86-64-posix mingw-w64-tools wine wine64 xvfb xauth imagemagick"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else echo "This needs root once to install packages, and there is no sudo. Run as root: $*" >&2; return 1
  fi
}

install_packages() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "== Installing:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# configure_and_build PRESET [cmake options] -- [targets]
configure_and_build() {
  preset=$1; shift
  options=""
  while [ $# -gt 0 ] && [ "$1" != "--" ]; do options="$options $1"; shift; done
  [ $# -eq 0 ] || shift
  echo "== Configuring $preset"
  # shellcheck disable=SC2086
  cmake --preset "$preset" $options >"$root/build/$preset.log" 2>&1 || { cat "$root/build/$preset.log" >&2; return 1; }
  echo "== Building $preset"
  if [ $# -gt 0 ]; then ninja -C "build/$preset" "$@"; else ninja -C "build/$preset"; fi >>"$root/build/$preset.log" 2>&1 ||
    { grep -E -A12 'error|FAILED|warning' "$root/build/$preset.log" | tail -n 80 >&2; return 1; }
}
