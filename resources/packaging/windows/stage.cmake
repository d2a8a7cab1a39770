# SPDX-License-Identifier: GPL-3.0-or-later
# Puts programs, the DLLs they load and Qt's plugins into one folder that runs by itself.
# cmake -DPROGRAMS=a.exe;b.exe -DROOT=/opt/win64 -DDLL_DIRS=... -DOBJDUMP=... -DSTAGE=<folder> -P stage.cmake
cmake_minimum_required(VERSION 3.25)
file(GLOB plugins ${ROOT}/plugins/platforms/qwindows.dll ${ROOT}/plugins/platforms/qoffscreen.dll ${ROOT}/plugins/styles/*.dll
  ${ROOT}/plugins/imageformats/*.dll ${ROOT}/plugins/multimedia/*.dll ${ROOT}/plugins/sqldrivers/qsqlite.dll ${ROOT}/plugins/tls/*.dll)

# What stands in DLL_DIRS is ours to bring, the rest is the system's. (CMake's own GET_RUNTIME_DEPENDENCIES asks for
# lower-case names, which finds no Qt on a file system that tells case apart.)
set(pending ${PROGRAMS} ${plugins})
set(found "")
while(pending)
  list(POP_FRONT pending file)
  execute_process(COMMAND ${OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "DLL Name: [^\n]+" names "${headers}")
  foreach(name IN LISTS names)
    string(REPLACE "DLL Name: " "" name "${name}")
    foreach(folder IN LISTS DLL_DIRS)
      if(EXISTS ${folder}/${name} AND NOT ${folder}/${name} IN_LIST found)
        list(APPEND found ${folder}/${name})
        list(APPEND pending ${folder}/${name})
      endif()
    endforeach()
  endforeach()
endwhile()

file(MAKE_DIRECTORY ${STAGE})
file(COPY ${PROGRAMS} ${found} DESTINATION ${STAGE})
foreach(plugin IN LISTS plugins)
  get_filename_component(kind ${plugin} DIRECTORY)
  get_filename_component(kind ${kind} NAME)
  file(COPY ${plugin} DESTINATION ${STAGE}/plugins/${kind})
endforeach()
file(WRITE ${STAGE}/qt.conf "[Paths]\nPrefix = .\nPlugins = plugins\n")
