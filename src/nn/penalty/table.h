/* SPDX-License-Identifier: MIT */
#ifndef GAN_NN_PENALTY_TABLE_H
#define GAN_NN_PENALTY_TABLE_H

#include "gan/penalty.h"

extern const gan_penalty gan__penalty_gp, gan__penalty_gp0, gan__penalty_r1, gan__penalty_r2,
    gan__penalty_dragan, gan__penalty_dragan0, gan__penalty_drift;

#endif
