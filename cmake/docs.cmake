# SPDX-License-Identifier: MIT
# Target `docs`: the reference, made of the headers by Doxygen; a warning fails it.
find_program(DOXYGEN doxygen)
mark_as_advanced(DOXYGEN)
if(DOXYGEN)
  set(GAN_DOCS_OUT ${CMAKE_CURRENT_BINARY_DIR}/reference)
  configure_file(docs/Doxyfile.in ${CMAKE_CURRENT_BINARY_DIR}/Doxyfile @ONLY)
  add_custom_target(docs COMMAND ${DOXYGEN} -q ${CMAKE_CURRENT_BINARY_DIR}/Doxyfile VERBATIM
    COMMENT "reference in ${GAN_DOCS_OUT}/html/index.html")
endif()
