# Writes onecors-config-version.cmake: cmake -D VERSION=x.y.z -D FILE=... -P version.cmake
#
# find_package(onecors X.Y) accepts what semantic versioning promises to compile: a version that is not
# older, of the same major version, and before 1.0 of the same minor version. Whether a program that was
# compiled runs with a library is another question, which the SONAME answers.
include(CMakePackageConfigHelpers)

set(COMPATIBILITY SameMajorVersion)
if(VERSION VERSION_LESS 1)
  set(COMPATIBILITY SameMinorVersion)
endif()
set(CMAKE_SIZEOF_VOID_P 8)
write_basic_package_version_file(${FILE} VERSION ${VERSION} COMPATIBILITY ${COMPATIBILITY})
