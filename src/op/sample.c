/* SPDX-License-Identifier: MIT
 *
 * Sampling is linear in the image, and one of a pair with its adjoint, which is the derivative of
 * the other. The attributes of both are the matrices. */
#include "kernel/sample.h"

#include <math.h>

#include "gan/resample.h"
#include "tensor/internal.h"

typedef void kernel(const gan__sample_shape *s, const double *m, const gan_real *x, gan_real *y,
                    int threads);

static gan_tensor *apply(gan_tape *t, const gan__op *op, kernel *run, gan_tensor *x,
                         const double *m);
static gan__vjp vjp, vjp_adjoint;

static const gan__op op = {"sample_affine", vjp},
                     adjoint_op = {"sample_affine adjoint", vjp_adjoint};

static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    (void)need;
    gx[0] = apply(t, &adjoint_op, gan__sample_back, gy, n->attr);
}

static void vjp_adjoint(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                        gan_tensor **gx) {
    (void)need;
    gx[0] = apply(t, &op, gan__sample_run, gy, n->attr);
}

static gan_tensor *apply(gan_tape *t, const gan__op *which, kernel *run, gan_tensor *x,
                         const double *m) {
    if (!gan__ready(t, which->name, 1, &x)) return NULL;
    gan_tensor *y = gan__new_like(t, x);
    if (!y) return NULL;
    gan__sample_shape s = {x->dim[0], x->dim[1], x->dim[2], x->dim[3]};
    run(&s, m, x->data, y->data, t->threads);
    t->flops = 8.0 * (double)x->size;
    return gan__record(t, which, y, 1, &x, m, (size_t)s.n * 6 * sizeof *m);
}

gan_tensor *gan_sample_affine(gan_tape *t, gan_tensor *x, const double *m) {
    const int64_t most = INT64_C(1) << 24;
    char text[96];
    if (!gan__ready(t, op.name, 1, &x)) return NULL;
    if (x->rank != 4 || x->dim[1] >= most || x->dim[2] >= most)
        return gan__op_fail(t, GAN_ESHAPE, op.name, "x %s is not [N,H,W,C] with sides below 2^24",
                            gan__shape_text(x, text));
    for (int64_t i = 0; i < x->dim[0] * 6; i++)
        if (!isfinite(m[i]))
            return gan__op_fail(t, GAN_EINVAL, op.name, "the matrix of image %lld is not finite",
                                (long long)i / 6);
    return apply(t, &op, gan__sample_run, x, m);
}
