/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#define VECTOR 16
#define ROWS 6
#define VECS 2
#include "kernel/loops/table.h"

const gan__machine gan__machine_plain = MACHINE("plain", gan__runs_plain);
