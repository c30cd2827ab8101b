# SPDX-License-Identifier: MIT
# GAN_WARNINGS: what the sources compile without. GAN_CODEGEN: contraction allows fused multiply-add inside an
# expression, which plain -std=c11 forbids; the other two only say that errno and floating-point flags are not read,
# so that loops with a condition become vectors. Nothing is relaxed that shows in a result.
include(CheckCCompilerFlag)
set(GAN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wdouble-promotion -Wconversion)
set(GAN_CODEGEN -ffp-contract=fast -fno-math-errno -fno-trapping-math)
if(CMAKE_C_COMPILER_ID MATCHES "GNU")
  list(APPEND GAN_WARNINGS -Wno-unknown-pragmas)
endif()
if(GAN_WERROR)
  list(APPEND GAN_WARNINGS -Werror)
endif()
