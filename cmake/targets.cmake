# A target a folder: each folder of runner/ states what it links, and thereby what it may include.
find_package(PkgConfig REQUIRED)

# renki_library(NAME [LINKS other…] [PACKAGES pkg-config names…]): the folder's *.c as the library renki_NAME.
function(renki_library name)
  cmake_parse_arguments(arg "" "" "LINKS;PACKAGES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  add_library(renki_${name} STATIC ${sources})
  target_link_libraries(renki_${name} PUBLIC renki_flags)
  foreach(other ${arg_LINKS})
    target_link_libraries(renki_${name} PUBLIC renki_${other})
  endforeach()
  foreach(package ${arg_PACKAGES})
    string(MAKE_C_IDENTIFIER ${package} id)
    pkg_check_modules(${id} REQUIRED IMPORTED_TARGET GLOBAL ${package})
    target_link_libraries(renki_${name} PRIVATE PkgConfig::${id})
  endforeach()
endfunction()
