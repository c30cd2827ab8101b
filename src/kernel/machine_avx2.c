/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#define VECTOR 32
#define ROWS 6
#define VECS 2
#include "kernel/loops/table.h"

const gan__machine gan__machine_avx2 = MACHINE("avx2", gan__runs_avx2);
