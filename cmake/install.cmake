# SPDX-License-Identifier: MIT
# `cmake --install`: headers, both libraries, the command with its manual page, and what finds them again: gan.pc for
# pkg-config, ganConfig.cmake for find_package(gan), which gives gan::gan and, with COMPONENTS static, gan::static.
include(CMakePackageConfigHelpers)
set(GAN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/gan)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILES_MATCHING PATTERN "*.c")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/README.md)
  install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

# --- libraries ---
set_target_properties(gan_shared PROPERTIES EXPORT_NAME gan)
set_target_properties(gan_static PROPERTIES EXPORT_NAME static)
set_target_properties(gan_blas PROPERTIES EXPORT_NAME blas)
install(TARGETS gan_shared EXPORT ganTargets)
install(TARGETS gan_static gan_blas EXPORT ganStaticTargets)
install(EXPORT ganTargets NAMESPACE gan:: DESTINATION ${GAN_CMAKE_DIR})
install(EXPORT ganStaticTargets NAMESPACE gan:: DESTINATION ${GAN_CMAKE_DIR})

configure_package_config_file(cmake/ganConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/ganConfig.cmake
  INSTALL_DESTINATION ${GAN_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ganConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ganConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ganConfigVersion.cmake
  DESTINATION ${GAN_CMAKE_DIR})

# --- pkg-config: the prefix is found from the place of gan.pc, so that an installed tree can be moved ---
file(RELATIVE_PATH GAN_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" GAN_PC_PREFIX ${GAN_PC_PREFIX})
string(STRIP "${GAN_BLAS_PC_LIBS} ${OpenMP_C_FLAGS} ${CMAKE_THREAD_LIBS_INIT} -lm" GAN_PC_LIBS)
string(REPLACE "  " " " GAN_PC_LIBS "${GAN_PC_LIBS}")
configure_file(cmake/gan.pc.in ${CMAKE_CURRENT_BINARY_DIR}/gan.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gan.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# --- the command and its manual page, which it prints itself ---
if(TARGET gan)
  install(TARGETS gan)
  if(NOT CMAKE_CROSSCOMPILING)
    add_custom_command(TARGET gan POST_BUILD COMMAND gan --man > ${CMAKE_CURRENT_BINARY_DIR}/gan.1 VERBATIM)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gan.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  endif()
endif()
