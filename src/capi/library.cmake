# libleat: every room in one shared library that exports leat.h and nothing else, and what is installed of it. Included
# by the top CMakeLists.txt.
add_library(leat SHARED)
add_library(leat::leat ALIAS leat)
foreach(object IN LISTS LEAT_OBJECTS)
    target_sources(leat PRIVATE $<TARGET_OBJECTS:${object}>)
endforeach()
target_link_libraries(leat PRIVATE ${LEAT_LIBRARIES})
if(LEAT_SANITIZE)
    target_link_options(leat PRIVATE -fsanitize=address,undefined)
endif()
target_include_directories(leat PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set(leat_map ${CMAKE_CURRENT_LIST_DIR}/leat.map)
target_link_options(leat PRIVATE -Wl,--no-undefined -Wl,--exclude-libs,ALL -Wl,--version-script=${leat_map})
# SOVERSION 0: until 1.0 the ABI may still change between minor versions.
set_target_properties(leat PROPERTIES LINK_DEPENDS ${leat_map} VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE CXX)

include(CMakePackageConfigHelpers)
set(leat_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/leat)
install(TARGETS leat EXPORT leat-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(FILES ${PROJECT_SOURCE_DIR}/include/leat/leat.h ${PROJECT_SOURCE_DIR}/include/leat/leat.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/leat COMPONENT library)
# The host needs none of our libraries to compile or link, so the package file is the list of targets alone.
install(EXPORT leat-targets FILE leat-config.cmake NAMESPACE leat:: DESTINATION ${leat_package_dir} COMPONENT library)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/leat-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/leat-config-version.cmake DESTINATION ${leat_package_dir} COMPONENT library)
# Where the prefix is, seen from leat.pc: an installed tree may be moved.
file(RELATIVE_PATH leat_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/leat.pc.in ${CMAKE_CURRENT_BINARY_DIR}/leat.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/leat.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
