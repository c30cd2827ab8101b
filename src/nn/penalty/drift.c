/* SPDX-License-Identifier: MIT
 *
 * A critic's scores have no zero of their own; this keeps those of real images near 0
 * (arXiv:1710.10196, appendix A.1). */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/penalty/table.h"

static gan_tensor *drift(gan_tape *t, const gan_penalty_inputs *in) {
    return gan_mean_all(t, gan_square(t, in->score_real));
}

const gan_penalty gan__penalty_drift = {"drift", drift, 0};
