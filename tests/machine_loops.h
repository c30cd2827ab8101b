/* SPDX-License-Identifier: MIT
 *
 * machine_loops.h - for tests of inner loops on every row of the table of machines that runs here. */
#ifndef MACHINE_LOOPS_H
#define MACHINE_LOOPS_H

#include "support.h"

#include "kernel/machine.h"

enum { MOST = 4 * 1100 };

static const int lengths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 257, 1025};

typedef struct operands {
    gan_real x[MOST], y[MOST], m[MOST], v[MOST], out[MOST];
} operands;

static inline void draw(operands *q, int seed) {
    gan_rng r = gan_rng_make((uint64_t)seed, 1, 0);
    gan_rng_fill_uniform(&r, q->x, MOST, -2, 2);
    gan_rng_fill_uniform(&r, q->y, MOST, 0.5, 2);
    gan_rng_fill_uniform(&r, q->m, MOST, -2, 2);
    gan_rng_fill_uniform(&r, q->v, MOST, 0, 1);
}

static inline void near(const char *machine, const char *what, double got, double want,
                        double size) {
    if (!(fabs(got - want) <= 1e-6 * fmax(1, size)))
        fail_msg("%s, %s: %.9g instead of %.9g", machine, what, got, want);
}

/* check(machine, operands, n) for every machine and length */
static inline void everywhere(void (*check)(const gan__machine *, operands *, int64_t)) {
    static operands q;
    for (const gan__machine *const *m = gan__machines; *m; m++)
        for (int i = 0; i < COUNT(lengths) && (*m)->runs(); i++) {
            draw(&q, i);
            check(*m, &q, lengths[i]);
        }
}

#define LOOPS(name)                                                                                \
    static void name##_loops(void **state) {                                                       \
        (void)state;                                                                               \
        everywhere(check_##name);                                                                  \
    }
#endif
