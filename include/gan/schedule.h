/* SPDX-License-Identifier: MIT
 *
 * gan/schedule.h - numbers that change as training goes on.
 *
 * Any setting that is a schedule takes one of these texts; s is the number of finished generator
 * steps:
 *
 *   2e-4                           the same always
 *   5@0,2@2000,1@10000             piecewise: each value from its step on
 *   step(2e-4*0.5, 1000)           times 0.5 after every 1000 steps
 *   linear(2e-4->0, 5000..20000)   v = a + (b - a) u,  u = (s - 5000) / (20000 - 5000) in [0,1]
 *   cosine(2e-4->0, 5000..20000)   v = b + (a - b) (1 + cos(pi u)) / 2        arXiv:1608.03983
 *   exp(2e-4->2e-6, 5000..20000)   v = a (b / a)^u
 *   warmup(500)*FORM               the form's value times min(1, (s + 1) / 500)
 *
 * "0..20000" may be written "20000". Values are 0 or more. */
#ifndef GAN_SCHEDULE_H
#define GAN_SCHEDULE_H

#include <stdint.h>

#include "gan/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_SCHEDULE_PIECES 32
#define GAN_SCHEDULE_TEXT 256 /* room for a text in gan/config.h */

/* X(code, name) */
#define GAN_CURVE_LIST(X)                                                                          \
    X(GAN_CURVE_PIECES, "")                                                                        \
    X(GAN_CURVE_STEP, "step")                                                                      \
    X(GAN_CURVE_LINEAR, "linear")                                                                  \
    X(GAN_CURVE_COSINE, "cosine")                                                                  \
    X(GAN_CURVE_EXP, "exp")

typedef enum gan_curve {
#define GAN_CURVE_CODE(code, name) code,
    GAN_CURVE_LIST(GAN_CURVE_CODE)
#undef GAN_CURVE_CODE
} gan_curve;

/* A plain value. Pieces: value[i] from step from[i] on, from[0] = 0, from rises. Step: value[0],
 * factor value[1], every from[1] steps. Others: value[0] until from[0], value[1] since from[1]. */
typedef struct gan_schedule {
    gan_curve curve;
    int64_t warmup; /* 0: none */
    int count;
    int64_t from[GAN_SCHEDULE_PIECES];
    double value[GAN_SCHEDULE_PIECES];
} gan_schedule;

/* From text. GAN_EINVAL shows the place that cannot be read. */
GAN_API gan_status gan_schedule_parse(const char *text, gan_schedule *out, gan_error *err);

GAN_API double gan_schedule_at(const gan_schedule *s, int64_t step);

/* The smallest and the largest value there can be, warm-up aside. */
GAN_API void gan_schedule_range(const gan_schedule *s, double *low, double *high);

#ifdef __cplusplus
}
#endif
#endif
