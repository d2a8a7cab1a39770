# SPDX-License-Identifier: GPL-3.0-or-later
# Renders the SVGs of this folder to PNG in 1x, 2x and 3x (24 px) and compiles them in as :/icons/NAME@Nx.png.
find_program(SR_RSVG_CONVERT rsvg-convert REQUIRED) # Debian: librsvg2-bin
set(SR_ICONS app back forward gear list lock locked next pause play previous search sound-off sound-on stop warning)
set(sr_icon_dir ${CMAKE_CURRENT_BINARY_DIR}/icons)
file(MAKE_DIRECTORY ${sr_icon_dir})
set(sr_icon_entries "")
set(sr_icon_files "")
foreach(icon IN LISTS SR_ICONS)
  foreach(scale 1 2 3)
    math(EXPR size "24 * ${scale}")
    set(png ${sr_icon_dir}/${icon}@${scale}x.png)
    add_custom_command(OUTPUT ${png}
      COMMAND ${SR_RSVG_CONVERT} -w ${size} -h ${size} -o ${png} ${CMAKE_CURRENT_LIST_DIR}/${icon}.svg
      DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${icon}.svg VERBATIM)
    list(APPEND sr_icon_files ${png})
    string(APPEND sr_icon_entries "<file>${icon}@${scale}x.png</file>")
  endforeach()
endforeach()
file(CONFIGURE OUTPUT ${sr_icon_dir}/sr_icons.qrc
  CONTENT "<RCC><qresource prefix=\"/icons\">${sr_icon_entries}</qresource></RCC>\n")
qt_add_resources(SR_ICON_SOURCES ${sr_icon_dir}/sr_icons.qrc)
set_property(SOURCE ${SR_ICON_SOURCES} APPEND PROPERTY OBJECT_DEPENDS "${sr_icon_files}")
