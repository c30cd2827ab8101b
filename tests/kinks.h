/* SPDX-License-Identifier: MIT
 *
 * kinks.h - how near a network's point is to a kink of a ReLU, a maxout or an absolute value. Where
 * a layer runs in one with its activation, what goes into that is nowhere in memory, and made again.
 */
#ifndef KINKS_H
#define KINKS_H

#include "kernel/pool.h"
#include "op/conv2d.h"
#include "op/norm.h"
#include "support.h"
#include "tensor/internal.h"

/* What goes into the ReLU that a convolution ends in; NULL: it ends in none. */
static inline const gan_tensor *into_conv_relu(gan_tape *t, const gan__node *node) {
    const gan__conv_form *f = node->attr;
    gan_window w = {(int)f->g.sh, (int)f->g.sw, (int)f->g.ph, (int)f->g.pw};
    if (f->slope == 1) return NULL;
    return gan__conv2d_leaky(t, node->in[0], node->in[1], node->n == 3 ? node->in[2] : NULL, w, 1);
}

/* By how much the largest piece of each unit of a maxout leads. */
static inline const gan_tensor *leads(gan_tape *t, const gan__node *node) {
    int64_t groups = node->out->size, pieces = node->in[1]->size / groups;
    int64_t units = gan_tensor_dim(node->out, -1);
    gan_tensor *lead = gan_input(t, 1, &groups, NULL);
    for (int64_t g = 0; g < groups; g++) {
        const gan_real *x = node->in[1]->data + g / units * units * pieces + g % units;
        double top = -HUGE_VAL, second = -HUGE_VAL;
        for (int64_t i = 0; i < pieces; i++) {
            double v = (double)x[i * units];
            second = fmax(second, fmin(top, v));
            top = fmax(top, v);
        }
        lead->data[g] = (gan_real)(top - second);
    }
    return lead;
}

/* The same of each window of a max pool: of its largest pixel before the others. */
static inline const gan_tensor *pool_leads(gan_tape *t, const gan__node *node) {
    const gan__pool_shape *s = node->attr;
    gan_tensor *lead = gan_input(t, 1, &node->out->size, NULL);
    for (int64_t o = 0; o < lead->size; o++) {
        int64_t c = o % s->c, column = o / s->c % s->ow, row = o / s->c / s->ow % s->oh;
        int64_t n = o / s->c / s->ow / s->oh, pixels = s->kernel * s->kernel;
        double top = -HUGE_VAL, second = -HUGE_VAL;
        for (int64_t k = 0; k < pixels; k++) {
            int64_t i = row * s->stride - s->pad + k / s->kernel;
            int64_t j = column * s->stride - s->pad + k % s->kernel;
            if (i < 0 || i >= s->h || j < 0 || j >= s->w) continue;
            double v = (double)node->in[1]->data[((n * s->h + i) * s->w + j) * s->c + c];
            second = fmax(second, fmin(top, v));
            top = fmax(top, v);
        }
        lead->data[o] = (gan_real)(top - second);
    }
    return lead;
}

/* What goes into the kink of a node: an operand, or what its norm or convolution makes. NULL: it
 * has none. */
static inline const gan_tensor *into_relu(gan_tape *t, const gan__node *node) {
    const char *op = node->op->name;
    gan_tensor *const *in = node->in;
    if (!strcmp(op, "relu") || !strcmp(op, "leaky_relu") || !strcmp(op, "prelu") ||
        !strcmp(op, "abs"))
        return in[0];
    if (!strcmp(op, "maxout")) return leads(t, node);
    if (!strcmp(op, "max_pool")) return pool_leads(t, node);
    if (!strcmp(op, "conv2d")) return into_conv_relu(t, node);
    int batch = !strcmp(op, "batch_norm");
    if (!batch && strcmp(op, "group_norm")) return NULL;
    const gan__norm_attributes *a = node->attr;
    if (a->slope == 1) return NULL;
    int plain = node->n == 1;
    if (!batch)
        return gan_group_norm(t, in[0], a->s.g, plain ? NULL : in[1], plain ? NULL : in[2], a->eps);
    return a->mean ? gan_batch_norm(t, in[0], in[1], in[2], a->eps, NULL, NULL)
                   : gan_batch_norm_fixed(t, in[0], in[1], in[2], a->eps, in[3], in[4]);
}

/* How near to its kink an input of a relu is. */
static inline double kink_distance(gan_tape *t) {
    double least = HUGE_VAL;
    for (size_t i = 0, n = t->node_count; i < n; i++) {
        const gan_tensor *x = into_relu(t, t->nodes[i]);
        for (int64_t k = 0; x && k < x->size; k++) least = fmin(least, fabs((double)x->data[k]));
    }
    return least;
}

#endif
