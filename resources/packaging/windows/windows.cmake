# SPDX-License-Identifier: GPL-3.0-or-later
# What Windows programs carry in themselves, and the target `stage`.
set(sr_windows_dir ${CMAKE_CURRENT_LIST_DIR})

# sr_windows_program(switchroomctl "Command line"): version resource and manifest (UTF-8 code page, long paths, DPI).
function(sr_windows_program target description)
  string(REPLACE "." "," SR_VERSION_NUMBERS "${PROJECT_VERSION}.0")
  set(SR_VERSION ${PROJECT_VERSION})
  set(SR_DESCRIPTION ${description})
  set(SR_PROGRAM ${target})
  set(SR_MANIFEST ${sr_windows_dir}/program.manifest)
  configure_file(${sr_windows_dir}/program.rc.in ${CMAKE_CURRENT_BINARY_DIR}/${target}.rc @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}.rc)
  set_property(GLOBAL APPEND PROPERTY SR_WINDOWS_PROGRAMS ${target})
endfunction()

# Once all programs are known: build/win64/stage runs by itself under Wine or on Windows.
function(sr_add_stage)
  get_property(programs GLOBAL PROPERTY SR_WINDOWS_PROGRAMS)
  list(TRANSFORM programs REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE files)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++-6.dll OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(runtime ${runtime} DIRECTORY)
  add_custom_target(stage
    COMMAND ${CMAKE_COMMAND} "-DPROGRAMS=${files}" -DROOT=${SR_WIN64_ROOT} -DOBJDUMP=${CMAKE_OBJDUMP}
      "-DDLL_DIRS=${SR_WIN64_ROOT}/bin;${runtime};/usr/x86_64-w64-mingw32/lib" -DSTAGE=${PROJECT_BINARY_DIR}/stage
      -P ${sr_windows_dir}/stage.cmake
    DEPENDS ${programs} VERBATIM COMMENT "Staging into ${PROJECT_BINARY_DIR}/stage")
endfunction()
