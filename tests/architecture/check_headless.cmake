# SPDX-License-Identifier: GPL-3.0-or-later
# The headless programs load no Gui library. cmake -DPROGRAM=<file> -P check_headless.cmake
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${PROGRAM} RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR missing)
foreach(library IN LISTS libraries missing)
  if(library MATCHES "Qt6(Gui|Widgets|Multimedia)")
    message(SEND_ERROR "${PROGRAM} loads ${library}")
  endif()
endforeach()
