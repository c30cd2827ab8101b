/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#define VECTOR 32
#define ROWS 6
#define VECS 2
#include "kernel/loops/table.h"

static int runs(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const gan__machine gan__machine_avx2 = MACHINE("avx2", runs);
