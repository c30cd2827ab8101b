/* SPDX-License-Identifier: MIT
 *
 * gan/machine.h - the processor that this runs on, as the kernels see it. */
#ifndef GAN_MACHINE_H
#define GAN_MACHINE_H

#include "gan/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The inner loops that were chosen for it: "avx512", "avx2", or "plain", which runs anywhere. */
GAN_API const char *gan_machine_name(void);

/* The most floating-point operations a second that those loops could do: multiply-adds on registers
 * alone, each counted as two, on all of so many threads at once; 0: one for each processor. Takes
 * about 20 ms. What else runs meanwhile takes its share. */
GAN_API double gan_machine_fma_peak(int threads);

#ifdef __cplusplus
}
#endif

#endif
