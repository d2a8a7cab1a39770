# SPDX-License-Identifier: GPL-3.0-or-later
# Cross-building for Windows with Debian's MinGW-w64 (posix threads) and the libraries that build-sysroot.sh makes.
# They stand in /opt/win64, or where the environment's SR_WIN64_ROOT says.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(sr_triplet x86_64-w64-mingw32)
if(DEFINED ENV{SR_WIN64_ROOT})
  set(SR_WIN64_ROOT $ENV{SR_WIN64_ROOT} CACHE PATH "Windows libraries")
else()
  set(SR_WIN64_ROOT /opt/win64 CACHE PATH "Windows libraries")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SR_WIN64_ROOT)

set(CMAKE_C_COMPILER ${sr_triplet}-gcc-posix)
set(CMAKE_CXX_COMPILER ${sr_triplet}-g++-posix)
set(CMAKE_RC_COMPILER ${sr_triplet}-windres)
set(CMAKE_FIND_ROOT_PATH ${SR_WIN64_ROOT} /usr/${sr_triplet})
set(CMAKE_PREFIX_PATH /) # both of them: a prefix is looked for below each root
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER) # tools run here
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Qt's tools (moc, rcc, lrelease) are the ones of this machine.
set(QT_HOST_PATH /usr CACHE PATH "")
set(QT_HOST_PATH_CMAKE_DIR /usr/lib/x86_64-linux-gnu/cmake CACHE PATH "")

# .pc files name /opt/win64; their own place counts.
set(ENV{PKG_CONFIG_LIBDIR} ${SR_WIN64_ROOT}/lib/pkgconfig)
set(PKG_CONFIG_ARGN --define-prefix)

set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/run-in-wine.sh)
