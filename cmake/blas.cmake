# SPDX-License-Identifier: MIT
# gan_blas: a CBLAS. OpenBLAS through pkg-config where it is there, else any that CMake's FindBLAS finds.
# GAN_BLAS_NAME: how reports call it.
# GAN_BLAS_PC_LIBS: the same for gan.pc, as flags: by name, `pkg-config --static` would ask for OpenBLAS's own
# needs too, a Fortran library that its LAPACK half uses and we do not.
add_library(gan_blas INTERFACE)
pkg_check_modules(OPENBLAS IMPORTED_TARGET openblas)
if(OPENBLAS_FOUND)
  target_link_libraries(gan_blas INTERFACE PkgConfig::OPENBLAS)
  set(GAN_BLAS_PC_LIBS ${OPENBLAS_LDFLAGS})
  set(GAN_BLAS_NAME "OpenBLAS ${OPENBLAS_VERSION}")
else()
  find_package(BLAS REQUIRED)
  find_path(CBLAS_INCLUDE_DIR cblas.h REQUIRED)
  find_library(CBLAS_LIBRARY cblas)
  target_include_directories(gan_blas INTERFACE $<BUILD_INTERFACE:${CBLAS_INCLUDE_DIR}>)
  target_link_libraries(gan_blas INTERFACE $<$<BOOL:${CBLAS_LIBRARY}>:${CBLAS_LIBRARY}> BLAS::BLAS)
  list(GET BLAS_LIBRARIES 0 GAN_BLAS_NAME)
  get_filename_component(GAN_BLAS_NAME "${GAN_BLAS_NAME}" NAME)
  set(GAN_BLAS_PC_LIBS ${BLAS_LINKER_FLAGS} ${BLAS_LIBRARIES})
  if(CBLAS_LIBRARY)
    list(PREPEND GAN_BLAS_PC_LIBS ${CBLAS_LIBRARY})
  endif()
endif()
list(JOIN GAN_BLAS_PC_LIBS " " GAN_BLAS_PC_LIBS)
