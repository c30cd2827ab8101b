/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#include <stddef.h>

#include "gan/machine.h"

int gan__runs_plain(void) {
    return 1;
}

#ifdef GAN__X86
int gan__runs_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

int gan__runs_avx512(void) {
    return __builtin_cpu_supports("avx512f") && gan__runs_avx2();
}
#endif

/* GAN__X86: the build compiled the files for wider machines with their instructions
 * (cmake/machines.cmake). */
const gan__machine *const gan__machines[] = {
#ifdef GAN__X86
    &gan__machine_avx512,
    &gan__machine_avx2,
#endif
    &gan__machine_plain,
    NULL,
};

const gan__machine *gan__machine_here(void) {
    const gan__machine *const *m = gan__machines;
    while (!(*m)->runs()) m++;
    return *m;
}

const char *gan_machine_name(void) {
    return gan__machine_here()->name;
}
