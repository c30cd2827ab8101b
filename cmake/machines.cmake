# SPDX-License-Identifier: MIT
# The inner loops (src/kernel/loops) are compiled once for each kind of processor, from the files machine_NAME.c, with
# that processor's instructions and always optimised: a loop over vectors is nothing without it. Which row of the table
# runs is decided at run time. Where the compiler does not know the flags (another architecture), those rows are left out.
#
# With sanitizers, only accesses to memory are checked in them, and little is optimised: unrolled loops whose every
# operation is checked take the compiler minutes.
include(CheckCCompilerFlag)
set(GAN_LOOPS -O3)
if(GAN_SANITIZE)
  set(GAN_LOOPS -O1 -fno-sanitize=undefined)
endif()
set(GAN_MACHINE_plain ${GAN_LOOPS})
set(GAN_MACHINE_avx2 ${GAN_LOOPS} -mavx2 -mfma)
set(GAN_MACHINE_avx512 ${GAN_LOOPS} -mavx512f -mfma)
check_c_compiler_flag("-mavx512f -mavx2 -mfma" GAN_X86)
foreach(name plain avx2 avx512)
  set(file src/kernel/machine_${name}.c)
  if(GAN_X86 OR name STREQUAL "plain")
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "${GAN_MACHINE_${name}}")
  else()
    list(REMOVE_ITEM GAN_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endif()
endforeach()
if(GAN_X86)
  set_source_files_properties(src/kernel/machine.c PROPERTIES COMPILE_DEFINITIONS GAN__X86)
endif()
