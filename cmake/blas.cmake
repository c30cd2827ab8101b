# SPDX-License-Identifier: MIT
# gan_blas: a CBLAS. OpenBLAS through pkg-config where it is there, else any that CMake's FindBLAS finds.
add_library(gan_blas INTERFACE)
pkg_check_modules(OPENBLAS IMPORTED_TARGET openblas)
if(OPENBLAS_FOUND)
  target_link_libraries(gan_blas INTERFACE PkgConfig::OPENBLAS)
else()
  find_package(BLAS REQUIRED)
  find_path(CBLAS_INCLUDE_DIR cblas.h REQUIRED)
  find_library(CBLAS_LIBRARY cblas)
  target_include_directories(gan_blas INTERFACE ${CBLAS_INCLUDE_DIR})
  target_link_libraries(gan_blas INTERFACE $<$<BOOL:${CBLAS_LIBRARY}>:${CBLAS_LIBRARY}> BLAS::BLAS)
endif()
