/* SPDX-License-Identifier: MIT
 *
 * gan/schedule.h - numbers that change as training goes on. */
#ifndef GAN_SCHEDULE_H
#define GAN_SCHEDULE_H

#include <stdint.h>

#include "gan/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_SCHEDULE_PIECES 32

/* Piecewise constant: value[i] holds from[i] finished generator steps on; from[0] = 0, from rises.
 */
typedef struct gan_schedule {
    int count;
    int64_t from[GAN_SCHEDULE_PIECES];
    double value[GAN_SCHEDULE_PIECES];
} gan_schedule;

/* From text: a number, "5", or pieces "5@0,2@2000,1@10000". GAN_EINVAL shows the place that cannot
 * be read. */
GAN_API gan_status gan_schedule_parse(const char *text, gan_schedule *out, gan_error *err);

GAN_API double gan_schedule_at(const gan_schedule *s, int64_t step);

#ifdef __cplusplus
}
#endif
#endif
