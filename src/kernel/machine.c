/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#include <stddef.h>

#include "gan/machine.h"

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
