/* SPDX-License-Identifier: MIT
 *
 * nn/weighted.h - sums as text, NAME:WEIGHT+NAME:WEIGHT, each weight a schedule. */
#ifndef GAN_NN_WEIGHTED_H
#define GAN_NN_WEIGHTED_H

#include "gan/schedule.h"

enum { GAN__WEIGHTED = 8 }; /* at most */

typedef struct gan__weighted {
    int count;
    struct {
        int row; /* of the table whose names these are */
        gan_schedule weight;
    } item[GAN__WEIGHTED];
} gan__weighted;

/* `what` ("penalty") is for messages; name(i) is NULL past the last row. "none" is the empty sum.
 * GAN_EINVAL names what cannot be read, and the known names. */
gan_status gan__weighted_parse(const char *what, const char *(*name)(int i), const char *text,
                               gan__weighted *out, gan_error *err);

#endif
