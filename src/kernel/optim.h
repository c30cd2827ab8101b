/* SPDX-License-Identifier: MIT
 *
 * kernel/optim.h - one pass over a parameter and its state. `scale` multiplies the gradient first.
 */
#ifndef GAN_KERNEL_OPTIM_H
#define GAN_KERNEL_OPTIM_H

#include <stdint.h>

#include "gan/types.h"

typedef struct gan__update {
    double lr, beta1, beta2, eps; /* beta1: also SGD's momentum; beta2: also RMSprop's alpha */
    double correction1;           /* Adam: 1 - beta1^step */
    double correction2;           /* Adam: 1 - beta2^step */
    double scale;
} gan__update;

typedef void gan__update_rule(const gan__update *u, int64_t n, const gan_real *g, gan_real *m,
                              gan_real *v, gan_real *w, int threads);

gan__update_rule gan__adam_run, gan__rmsprop_run, gan__sgd_run;

/* Sum of squares in double: infinite or not a number where an element is. */
double gan__squares(int64_t n, const gan_real *x, int threads);

/* average += rate * (x - average) */
void gan__blend_run(int64_t n, const gan_real *x, double rate, gan_real *average, int threads);

#endif
