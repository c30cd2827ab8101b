/* SPDX-License-Identifier: MIT
 *
 * Maxout is one of a pair: `select` takes of each unit of x the piece where `by` is largest,
 * and its adjoint `spread` puts it there among zeros. Each is linear in its first operand, constant
 * in `by`, and the derivative of the other, so that they can be differentiated any number of times.
 */
#include "gan/shape.h"
#include "kernel/maxout.h"
#include "tensor/internal.h"

static gan_tensor *select_by(gan_tape *t, gan_tensor *x, gan_tensor *by, int64_t pieces);
static gan_tensor *spread_by(gan_tape *t, gan_tensor *y, gan_tensor *by, int64_t pieces);

static void vjp_select(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    if (need[0]) gx[0] = spread_by(t, gy, n->in[1], *(const int64_t *)n->attr);
}

static void vjp_spread(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    if (need[0]) gx[0] = select_by(t, gy, n->in[1], *(const int64_t *)n->attr);
}

static const gan__op select_op = {"maxout", vjp_select}, spread_op = {"maxout spread", vjp_spread};

/* [..., k] for by [..., k*pieces]. */
static gan_tensor *result(gan_tape *t, const gan_tensor *by, int64_t pieces) {
    int64_t dim[GAN_MAX_RANK];
    for (int i = 0; i < by->rank; i++) dim[i] = by->dim[i];
    dim[by->rank - 1] /= pieces;
    return gan__new(t, by->rank, dim);
}

static gan__maxout_shape shape_of(const gan_tensor *by, int64_t pieces) {
    int64_t last = by->dim[by->rank - 1];
    return (gan__maxout_shape){by->size / last, pieces, last / pieces};
}

static gan_tensor *select_by(gan_tape *t, gan_tensor *x, gan_tensor *by, int64_t pieces) {
    gan_tensor *in[] = {x, by};
    if (!gan__ready(t, select_op.name, 2, in)) return NULL;
    gan_tensor *y = result(t, by, pieces);
    if (!y) return NULL;
    gan__maxout_shape s = shape_of(by, pieces);
    gan__maxout_select(&s, x->data, by->data, y->data, t->threads);
    return gan__record(t, &select_op, y, 2, in, &pieces, sizeof pieces);
}

static gan_tensor *spread_by(gan_tape *t, gan_tensor *y, gan_tensor *by, int64_t pieces) {
    gan_tensor *in[] = {y, by};
    if (!gan__ready(t, spread_op.name, 2, in)) return NULL;
    gan_tensor *x = gan__new_like(t, by);
    if (!x) return NULL;
    gan__maxout_shape s = shape_of(by, pieces);
    gan__maxout_spread(&s, y->data, by->data, x->data, t->threads);
    return gan__record(t, &spread_op, x, 2, in, &pieces, sizeof pieces);
}

gan_tensor *gan_maxout(gan_tape *t, gan_tensor *x, int64_t pieces) {
    char text[96];
    if (!gan__ready(t, select_op.name, 1, &x)) return NULL;
    if (pieces < 1 || !x->rank || x->dim[x->rank - 1] % pieces)
        return gan__op_fail(t, GAN_ESHAPE, select_op.name,
                            "the last axis of %s cannot be cut into %lld pieces",
                            gan__shape_text(x, text), (long long)pieces);
    return select_by(t, x, x, pieces);
}
