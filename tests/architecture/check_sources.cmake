# SPDX-License-Identifier: GPL-3.0-or-later
# Every source starts with an SPDX line and stays under 600 lines (tests 1000); the main window under 400. cmake -DROOT=<project> -P check_sources.cmake
file(GLOB_RECURSE sources ${ROOT}/app/*.h ${ROOT}/app/*.cpp ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/recorder/*.h ${ROOT}/recorder/*.cpp
  ${ROOT}/player/*.h ${ROOT}/player/*.cpp ${ROOT}/tests/*.h ${ROOT}/tests/*.cpp)
foreach(file IN LISTS sources)
  file(READ ${file} text)
  if(NOT text MATCHES "^// SPDX-License-Identifier: GPL-3.0-or-later\n// ")
    message(SEND_ERROR "${file}: the first line is the SPDX line, the second a useful sentence")
  endif()
  string(REGEX REPLACE "[^\n]" "" lines "${text}")
  string(LENGTH "${lines}" count)
  set(most 600)
  if(file MATCHES "/tests/")
    set(most 1000) # tables
  endif()
  if(file MATCHES "main_window")
    set(most 400)
  endif()
  if(count GREATER most)
    message(SEND_ERROR "${file}: ${count} lines, ${most} allowed; which second job moved in?")
  endif()
endforeach()
