/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#define VECTOR 64
#define ROWS 6
#define VECS 4
#include "kernel/loops/table.h"

const gan__machine gan__machine_avx512 = MACHINE("avx512", gan__runs_avx512);
