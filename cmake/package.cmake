# The Debian package, made by `cpack -G DEB` in the build folder. What it depends on beside the libraries that the
# binary links (found by dpkg-shlibdeps) is the group `run` of .ci/packages.
file(STRINGS ${PROJECT_SOURCE_DIR}/.ci/packages package_lines REGEX "^run ")
list(TRANSFORM package_lines REPLACE "^run " "")
list(JOIN package_lines ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The renki contributors <renki@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
include(CPack)
