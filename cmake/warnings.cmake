# SPDX-License-Identifier: MIT
# GAN_WARNINGS: what the sources compile without. GAN_CODEGEN: contraction allows fused multiply-add inside an
# expression, which plain -std=c11 forbids; nothing else is relaxed, so that the bits are the code's.
include(CheckCCompilerFlag)
set(GAN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wdouble-promotion -Wconversion)
set(GAN_CODEGEN -ffp-contract=fast -fno-math-errno)
if(CMAKE_C_COMPILER_ID MATCHES "GNU")
  list(APPEND GAN_WARNINGS -Wno-unknown-pragmas)
endif()
if(GAN_WERROR)
  list(APPEND GAN_WARNINGS -Werror)
endif()
