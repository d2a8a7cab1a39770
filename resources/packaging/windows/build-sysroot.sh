#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the libraries of the Windows build from Debian 12's source packages, about an hour on two cores.
#   build-sysroot.sh [WORK-FOLDER [PART...]]      result in ${SR_WIN64_ROOT:-/opt/win64}; needs deb-src lines and root
# With PARTs only those, of sources that are there already: so a run that broke off goes on.
set -euo pipefail
root=${SR_WIN64_ROOT:-/opt/win64}
work=${1:-$HOME/win64-build}
triplet=x86_64-w64-mingw32
here=$(cd "$(dirname "$0")" && pwd)
jobs=$(nproc)
export SR_WIN64_ROOT=$root PKG_CONFIG_LIBDIR=$root/lib/pkgconfig

fetch() { # sources and tools
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends g++-mingw-w64-x86-64-posix mingw-w64-tools build-essential dpkg-dev ninja-build cmake nasm \
    autoconf automake libtool pkg-config tclsh flex bison qt6-base-dev qt6-base-dev-tools qt6-base-private-dev qt6-tools-dev \
    qt6-tools-dev-tools qt6-l10n-tools qt6-shadertools-dev libboost-dev
  local package
  for package in qt6-base qt6-shadertools qt6-multimedia openssl sqlite3 lame opus libsrtp2 ffmpeg zlib libpcap sofia-sip; do fetch_source $package; done
}
fetch_source() { # PACKAGE: its newest version that the mirror has; some list one that they no longer hold
  local version
  for version in $(apt-cache showsrc "$1" | sed -n 's/^Version: //p' | sort -urV); do
    if apt-get source -qq "$1=$version"; then return; fi
  done
  echo "no sources of $1" >&2; exit 1
}
inside() { # PACKAGE: its unpacked folder
  local found
  found=$(find "$work" -maxdepth 1 -type d -name "$1-[0-9]*" | sort | tail -n 1)
  [ -n "$found" ] || { echo "no sources of $1 in $work" >&2; exit 1; }
  cd "$found"
}
with_cmake() { # options: for packages that build by CMake
  cmake -G Ninja -B build-win64 . -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DCMAKE_INSTALL_PREFIX="$root" -DCMAKE_BUILD_TYPE=Release "$@"
  ninja -C build-win64
  ninja -C build-win64 install
}
with_configure() { # options: for packages with autotools
  [ ! -e config.status ] || make distclean # of a run that broke off
  ./configure --host=$triplet CC=$triplet-gcc-posix --prefix="$root" --disable-static --enable-shared "$@"
  make -j "$jobs"
  make install
}
write_pc() { # NAME VERSION LIBS: for those that bring no .pc file
  cat >"$root/lib/pkgconfig/$1.pc" <<PC
prefix=$root
Name: $1
Description: $1
Version: $2
Libs: -L\${prefix}/lib $3
Cflags: -I\${prefix}/include
PC
}

build_zlib() { inside zlib; CHOST=$triplet ./configure --static; make libz.a; cp libz.a "$root/lib/"; cp zlib.h zconf.h "$root/include/"; }
build_openssl() {
  inside openssl
  ./Configure mingw64 shared no-tests --cross-compile-prefix=$triplet- --prefix="$root" --libdir=lib
  make -j "$jobs" build_sw
  make install_sw
}
build_sqlite() { # with the full-text search that the catalog needs; the host's compiler makes the single source file
  inside sqlite3
  ./configure --disable-tcl
  make sqlite3.c
  $triplet-gcc-posix -O2 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_THREADSAFE=1 -c sqlite3.c
  $triplet-ar rcs "$root/lib/libsqlite3.a" sqlite3.o
  cp sqlite3.h src/sqlite3ext.h "$root/include/"
}
build_qtbase() { # Debian leaves wintab.h out of the sources, so no tablets; and no Direct2D, which this MinGW lacks
  inside qt6-base
  sed -i 's/#\( *\)if QT_CONFIG(tabletevent)/#\1if 0/' src/plugins/platforms/windows/*.cpp src/plugins/platforms/windows/*.h
  sed -i 's/CONDITION QT_FEATURE_tabletevent/CONDITION FALSE/' src/plugins/platforms/windows/CMakeLists.txt
  sed -i 's/^ *add_subdirectory(direct2d)/#&/' src/plugins/platforms/CMakeLists.txt
  with_cmake -DQT_BUILD_TESTS=OFF -DQT_BUILD_EXAMPLES=OFF -DINPUT_opengl=no -DINPUT_openssl=no -DFEATURE_schannel=ON -DFEATURE_sql_odbc=OFF \
    -DFEATURE_sql_sqlite=OFF -DFEATURE_dbus=OFF -DFEATURE_vulkan=OFF -DFEATURE_glib=OFF -DFEATURE_icu=OFF -DFEATURE_system_zlib=OFF \
    -DFEATURE_system_png=OFF -DFEATURE_system_jpeg=OFF -DFEATURE_system_freetype=OFF -DFEATURE_system_harfbuzz=OFF \
    -DFEATURE_system_pcre2=OFF -DFEATURE_system_doubleconversion=OFF
  cd src/plugins/sqldrivers # the driver over our SQLite
  with_cmake -DFEATURE_sql_sqlite=ON -DFEATURE_system_sqlite=ON -DSQLite3_INCLUDE_DIR="$root/include" -DSQLite3_LIBRARY="$root/lib/libsqlite3.a" \
    -DFEATURE_sql_odbc=OFF -DFEATURE_sql_psql=OFF -DFEATURE_sql_mysql=OFF
}
build_qt_module() { # Microsoft's headers are spelled in lower case here
  inside "$1"
  [ ! -e cmake/FindWMF.cmake ] || sed -i -E 's/ (Mf|Mfuuid|Mfplat|Mfcore|Propsys) HINTS/ \L\1 HINTS/' cmake/FindWMF.cmake
  grep -rlE '#\s*include\s*[<"][A-Z][A-Za-z0-9_]*\.h[>"]' src | xargs -r perl -pi -e \
    's/(#\s*include\s*[<"])((?:Mf|Wm)[a-z]+|Propsys|Evr|D3d9|Dxva2api|Mmdeviceapi|Functiondiscoverykeys_devpkey|Ks[a-z]*|Shlwapi|InitGuid|Dbt)(\.h)/$1.lc($2).$3/e; s/[<"]QUrl\.h[>"]/<QUrl>/'
  with_cmake -DQT_BUILD_TESTS=OFF -DQT_BUILD_EXAMPLES=OFF
}
build_lame() { # the list of exports names a function that is not there
  inside lame
  sed -i '/lame_init_old/d' include/libmp3lame.sym
  with_configure --disable-frontend --disable-gtktest
  write_pc lame 3.100 -lmp3lame
}
build_opus() { inside opus; with_configure --disable-doc --disable-extra-programs --disable-hardening --disable-stack-protector CFLAGS="-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0"; }
build_srtp() {
  inside libsrtp2
  sed -i 's/-Werror//g' CMakeLists.txt
  with_cmake -DBUILD_SHARED_LIBS=ON -DENABLE_OPENSSL=ON -DOPENSSL_ROOT_DIR="$root" -DTEST_APPS=OFF -DLIBSRTP_TEST_APPS=OFF
  mv "$root/lib/libsrtp2.dll" "$root/bin/" # where its programs look for it
  write_pc libsrtp2 2.5.0 -lsrtp2
}
build_pcap() { # headers only: Npcap's library is loaded while the program runs
  inside libpcap
  mkdir -p "$root/include/pcap"
  cp pcap.h "$root/include/"
  cp pcap/*.h "$root/include/pcap/"
}
build_ffmpeg() { # only the formats that telephony and old archives use
  inside ffmpeg
  ./configure --enable-cross-compile --cross-prefix=$triplet- --cc=$triplet-gcc-posix --cxx=$triplet-g++-posix --target-os=mingw32 --arch=x86_64 \
    --prefix="$root" --enable-shared --disable-static --disable-programs --disable-doc --disable-everything --disable-network \
    --disable-autodetect --disable-avdevice --disable-avfilter --disable-swscale --disable-postproc --enable-w32threads \
    --enable-libmp3lame --enable-libopus --enable-protocol=file --enable-muxer=wav,mp3,ogg,opus,matroska,pcm_alaw,pcm_mulaw \
    --enable-demuxer=wav,mp3,ogg,matroska,mov,asf,avi,mpegps,pcm_alaw,pcm_mulaw,g722,g729 --enable-parser=mpegaudio,opus,aac,g729 \
    --enable-decoder=pcm_alaw,pcm_mulaw,pcm_s16le,pcm_s16be,pcm_u8,pcm_f32le,adpcm_g722,adpcm_g726,g729,gsm,gsm_ms,libopus,opus,mp3,mp3float \
    --enable-decoder=aac,wmav1,wmav2,vorbis,flac,amrnb,amrwb,ilbc --enable-encoder=pcm_alaw,pcm_mulaw,pcm_s16le,adpcm_g722,libmp3lame,libopus \
    --extra-cflags="-I$root/include" --extra-ldflags="-L$root/lib"
  make -j "$jobs"
  make install
}
build_sofia() { # static, as its tables cannot cross a DLL; Windows' headers must come before its CR and LF
  inside sofia-sip
  autoreconf -fi
  local headers='#if defined(_WIN32)\n#include <winsock2.h>\n#include <ws2tcpip.h>\n#include <windows.h>\n#undef CR\n#undef LF\n#endif\n'
  perl -0pi -e "s{(/\*\* Space \*/)}{$headers\$1}" libsofia-sip-ua/bnf/sofia-sip/bnf.h
  ./configure --host=$triplet CC=$triplet-gcc-posix --prefix="$root" --disable-shared --enable-static --without-glib --disable-stun \
    CFLAGS="-O2 -DLIBSOFIA_SIP_UA_STATIC -DLIBSRES_STATIC -DMSG_TRUNC=0x0100" CPPFLAGS="-I$root/include" LDFLAGS="-L$root/lib"
  # Its own test programs do not link; the library does.
  make -k -j "$jobs" -C libsofia-sip-ua || true
  make -k -C libsofia-sip-ua install || true
  cp -n libsofia-sip-ua/*/sofia-sip/*.h "$root/include/sofia-sip-1.12/sofia-sip/"
  cd libsofia-sip-ua/su # its event port for Windows stands in no makefile
  $triplet-gcc-posix -O2 -DLIBSOFIA_SIP_UA_STATIC -DHAVE_CONFIG_H -I.. -I../.. -I. -c su_win32_port.c
  $triplet-ar r "$root/lib/libsofia-sip-ua.a" su_win32_port.o
  write_pc sofia-sip-ua 1.12.11 "-lsofia-sip-ua -lssl -lcrypto -lws2_32 -liphlpapi -lcrypt32 -lbcrypt"
  sed -i 's|^Cflags:.*|Cflags: -I${prefix}/include/sofia-sip-1.12 -DLIBSOFIA_SIP_UA_STATIC -DLIBSRES_STATIC|' "$root/lib/pkgconfig/sofia-sip-ua.pc"
}

mkdir -p "$work" "$root/lib/pkgconfig" "$root/include" "$root/bin"
cd "$work"
parts=("${@:2}")
if [ ${#parts[@]} -eq 0 ]; then
  fetch
  parts=(zlib openssl sqlite qtbase lame opus srtp pcap ffmpeg sofia qt6-shadertools qt6-multimedia)
fi
ln -sfn /usr/include/boost "$root/include/boost" # headers only
for part in "${parts[@]}"; do
  echo "== $part"
  case $part in
    qt6-*) (build_qt_module "$part") ;;
    *) ("build_$part") ;;
  esac
done
echo "== The Windows libraries are in $root"
