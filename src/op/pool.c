/* SPDX-License-Identifier: MIT
 *
 * Of each window `select` takes the pixel of x where `by` is largest, and its adjoint `spread` adds
 * to it there; as a maxout's, each is linear in its first operand, constant in `by`, and the
 * derivative of the other. */
#include "kernel/pool.h"

#include "gan/resample.h"
#include "tensor/internal.h"

static gan_tensor *select_by(gan_tape *t, gan_tensor *x, gan_tensor *by, const gan__pool_shape *s);
static gan_tensor *spread_by(gan_tape *t, gan_tensor *y, gan_tensor *by, const gan__pool_shape *s);

static void vjp_select(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    if (need[0]) gx[0] = spread_by(t, gy, n->in[1], n->attr);
}

static void vjp_spread(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    if (need[0]) gx[0] = select_by(t, gy, n->in[1], n->attr);
}

static const gan__op select_op = {"max_pool", vjp_select},
                     spread_op = {"max_pool spread", vjp_spread};

static gan_tensor *select_by(gan_tape *t, gan_tensor *x, gan_tensor *by, const gan__pool_shape *s) {
    gan_tensor *in[] = {x, by};
    if (!gan__ready(t, select_op.name, 2, in)) return NULL;
    gan_tensor *y = gan__new(t, 4, (const int64_t[]){s->n, s->oh, s->ow, s->c});
    if (!y) return NULL;
    gan__pool_select(s, x->data, by->data, y->data, t->threads);
    t->flops = (double)y->size * (double)(s->kernel * s->kernel);
    return gan__record(t, &select_op, y, 2, in, s, sizeof *s);
}

static gan_tensor *spread_by(gan_tape *t, gan_tensor *y, gan_tensor *by, const gan__pool_shape *s) {
    gan_tensor *in[] = {y, by};
    if (!gan__ready(t, spread_op.name, 2, in)) return NULL;
    gan_tensor *x = gan__new_like(t, by);
    if (!x) return NULL;
    gan__pool_spread(s, y->data, by->data, x->data, t->threads);
    t->flops = (double)y->size * (double)(s->kernel * s->kernel);
    return gan__record(t, &spread_op, x, 2, in, s, sizeof *s);
}

gan_tensor *gan_max_pool(gan_tape *t, gan_tensor *x, int kernel, int stride, int pad) {
    char text[96];
    if (!gan__ready(t, select_op.name, 1, &x)) return NULL;
    if (kernel < 1 || kernel > 4096 || stride < 1 || pad < 0 || pad > kernel / 2)
        return gan__op_fail(t, GAN_EINVAL, select_op.name,
                            "kernel %d, stride %d and padding %d are out of range", kernel, stride,
                            pad);
    if (x->rank != 4 || x->dim[1] < 1 || x->dim[2] < 1 || x->dim[1] + 2 * pad < kernel ||
        x->dim[2] + 2 * pad < kernel)
        return gan__op_fail(t, GAN_ESHAPE, select_op.name, "a kernel of %d does not fit into x %s",
                            kernel, gan__shape_text(x, text));
    gan__pool_shape s = {.n = x->dim[0], .h = x->dim[1], .w = x->dim[2], .c = x->dim[3]};
    s.kernel = kernel, s.stride = stride, s.pad = pad;
    s.oh = (s.h + 2 * pad - kernel) / stride + 1, s.ow = (s.w + 2 * pad - kernel) / stride + 1;
    return select_by(t, x, x, &s);
}
