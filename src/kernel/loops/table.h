/* SPDX-License-Identifier: MIT
 *
 * kernel/loops/table.h - a row of the table of machines, made of the loops as they were compiled
 * before. A file for a machine defines VECTOR (bytes), ROWS and VECS (the tile of gemm), includes
 * this, and names its row. */
#include "kernel/loops/attention.h"
#include "kernel/loops/bilinear.h"
#include "kernel/loops/gemm.h"
#include "kernel/loops/maxout.h"
#include "kernel/loops/narrow.h"
#include "kernel/loops/norm.h"
#include "kernel/loops/optim.h"
#include "kernel/loops/peak.h"
#include "kernel/loops/pointwise.h"
#include "kernel/loops/pool.h"
#include "kernel/loops/sample.h"
#include "kernel/loops/stretch.h"
#include "kernel/loops/sum.h"

#define ANALYSIS(name, ...) {name##_x_analysis, name##_w_analysis, name##_y_analysis},
#define SYNTHESIS(name, ...) {name##_x_synthesis, name##_w_synthesis, name##_y_synthesis},
#define MACHINE(label, test)                                                                       \
    {                                                                                              \
        .name = label, .runs = test, .gemm = gemm, .gemm_at = gemm_at, .finish = finish,           \
        .strips = strips, .dots = dots, .shifted = shifted,                                        \
        .analysis = {GAN__BILINEAR_LIST(ANALYSIS)}, .synthesis = {GAN__BILINEAR_LIST(SYNTHESIS)},  \
        .attention = ATTENTION_LOOPS, .maxout = MAXOUT_LOOPS, .norm = NORM_LOOPS,                  \
        .pointwise = POINTWISE_LOOPS, .sum = SUM_LOOPS, .pool = POOL_LOOPS,                        \
        .stretch = STRETCH_LOOPS, .sample = SAMPLE_LOOPS, .optim = OPTIM_LOOPS, .peak = peak,      \
        .peak_sums = PEAK_SUMS                                                                     \
    }
