# SPDX-License-Identifier: GPL-3.0-or-later
# libnice is loaded before Sofia-SIP (core/relay/CMakeLists.txt says why).
# cmake -DPROGRAM=<file> -DREADELF=<program> -P check_load_order.cmake
execute_process(COMMAND ${READELF} -d ${PROGRAM} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(FIND "${dynamic}" "[libnice.so" nice)
string(FIND "${dynamic}" "[libsofia-sip-ua.so" sofia)
if(nice LESS 0 OR sofia LESS 0 OR nice GREATER sofia)
  message(FATAL_ERROR "${PROGRAM} loads Sofia-SIP before libnice, or one of them not at all:\n${dynamic}")
endif()
