/* SPDX-License-Identifier: MIT */
#include "gan/shape.h"

#include <string.h>

#include "gan/pointwise.h"
#include "kernel/shape.h"
#include "tensor/internal.h"

static int normal_axis(const gan_tensor *x, int axis) {
    return axis < 0 ? axis + x->rank : axis;
}

/* --- reshape --- */

static void vjp_reshape(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                        gan_tensor **gx) {
    (void)need;
    gx[0] = gan_reshape(t, gy, n->in[0]->rank, n->in[0]->dim);
}

static const gan__op reshape_op = {"reshape", vjp_reshape};

/* Fills in the one -1; 0 when the sizes disagree. */
static int resolve(const gan_tensor *x, int rank, const int64_t *dim, int64_t *out) {
    int64_t known = 1;
    int open = -1;
    if (rank < 0 || rank > GAN_MAX_RANK) return 0;
    for (int i = 0; i < rank; i++) {
        out[i] = dim[i];
        if (dim[i] == -1 && open < 0)
            open = i;
        else if (dim[i] < 0 || (dim[i] && known > INT64_MAX / dim[i]))
            return 0;
        else
            known *= dim[i];
    }
    if (open >= 0 && (!known || x->size % known)) return 0;
    if (open >= 0) out[open] = x->size / known;
    return open >= 0 || known == x->size;
}

gan_tensor *gan_reshape(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim) {
    int64_t full[GAN_MAX_RANK];
    char text[96];
    if (!gan__ready(t, "reshape", 1, &x)) return NULL;
    if (!resolve(x, rank, dim, full))
        return gan__op_fail(t, GAN_ESHAPE, "reshape", "%s has %lld elements, not those asked for",
                            gan__shape_text(x, text), (long long)x->size);
    return gan__record(t, &reshape_op, gan__alias(t, x, rank, full), 1, &x, NULL, 0);
}

/* --- permute --- */

static void vjp_permute(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                        gan_tensor **gx) {
    const int *order = n->attr;
    int inverse[GAN_MAX_RANK] = {0};
    (void)need;
    for (int i = 0; i < gy->rank; i++) inverse[order[i]] = i;
    gx[0] = gan_permute(t, gy, inverse);
}

static const gan__op permute_op = {"permute", vjp_permute};

gan_tensor *gan_permute(gan_tape *t, gan_tensor *x, const int *order) {
    if (!gan__ready(t, "permute", 1, &x)) return NULL;
    int64_t dim[GAN_MAX_RANK], own[GAN_MAX_RANK], from[GAN_MAX_RANK], to[GAN_MAX_RANK];
    int64_t there[GAN_MAX_RANK];
    unsigned seen = 0;
    gan__strides(x->rank, x->dim, own);
    for (int i = 0; i < x->rank; i++) {
        if (order[i] < 0 || order[i] >= x->rank || seen >> order[i] & 1)
            return gan__op_fail(t, GAN_ESHAPE, "permute", "%d is not an axis, or named twice",
                                order[i]);
        seen |= 1u << order[i];
        dim[i] = x->dim[order[i]];
        from[i] = own[order[i]];
    }
    gan_tensor *y = gan__new(t, x->rank, dim);
    if (!y) return NULL;
    gan__strides(y->rank, y->dim, to);
    for (int i = 0; i < x->rank; i++) there[order[i]] = to[i];
    /* In the order of y, or of x where its rows are longer. */
    if (x->rank && x->dim[x->rank - 1] > y->dim[x->rank - 1])
        gan__copy_run(x->rank, x->dim, x->data, own, y->data, there, t->threads);
    else
        gan__copy_run(y->rank, y->dim, x->data, from, y->data, to, t->threads);
    return gan__record(t, &permute_op, y, 1, &x, order, (size_t)x->rank * sizeof *order);
}

/* --- slice and pad: adjoint to each other --- */

typedef struct range {
    int axis;
    int64_t before, after;
} range;

static void vjp_slice(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    const range *r = n->attr;
    (void)need;
    gx[0] = gan_pad(t, gy, r->axis, r->before, r->after);
}

static void vjp_pad(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    const range *r = n->attr;
    (void)need;
    gx[0] = gan_slice(t, gy, r->axis, r->before, n->in[0]->dim[r->axis]);
}

static const gan__op slice_op = {"slice", vjp_slice}, pad_op = {"pad", vjp_pad};

gan_tensor *gan_slice(gan_tape *t, gan_tensor *x, int axis, int64_t from, int64_t count) {
    if (!gan__ready(t, "slice", 1, &x)) return NULL;
    char text[96];
    axis = normal_axis(x, axis);
    if (axis < 0 || axis >= x->rank || from < 0 || count < 0 || count > x->dim[axis] - from)
        return gan__op_fail(t, GAN_ESHAPE, "slice", "[%lld,+%lld) of axis %d is outside %s",
                            (long long)from, (long long)count, axis, gan__shape_text(x, text));
    int64_t dim[GAN_MAX_RANK], own[GAN_MAX_RANK], to[GAN_MAX_RANK];
    memcpy(dim, x->dim, sizeof dim);
    dim[axis] = count;
    gan_tensor *y = gan__new(t, x->rank, dim);
    if (!y) return NULL;
    gan__strides(x->rank, x->dim, own);
    gan__strides(y->rank, y->dim, to);
    gan__copy_run(y->rank, y->dim, x->data + from * own[axis], own, y->data, to, t->threads);
    range attr = {axis, from, x->dim[axis] - from - count};
    return gan__record(t, &slice_op, y, 1, &x, &attr, sizeof attr);
}

gan_tensor *gan_pad(gan_tape *t, gan_tensor *x, int axis, int64_t before, int64_t after) {
    if (!gan__ready(t, "pad", 1, &x)) return NULL;
    axis = normal_axis(x, axis);
    if (axis < 0 || axis >= x->rank || before < 0 || after < 0 ||
        before > INT64_MAX - x->dim[axis] || after > INT64_MAX - x->dim[axis] - before)
        return gan__op_fail(t, GAN_ESHAPE, "pad", "%lld before and %lld after axis %d",
                            (long long)before, (long long)after, axis);
    int64_t dim[GAN_MAX_RANK], own[GAN_MAX_RANK], to[GAN_MAX_RANK];
    memcpy(dim, x->dim, sizeof dim);
    dim[axis] += before + after;
    gan_tensor *y = gan__new(t, x->rank, dim);
    if (!y) return NULL;
    gan__strides(x->rank, x->dim, own);
    gan__strides(y->rank, y->dim, to);
    memset(y->data, 0, (size_t)y->size * sizeof *y->data);
    gan__copy_run(x->rank, x->dim, x->data, own, y->data + before * to[axis], to, t->threads);
    range attr = {axis, before, after};
    return gan__record(t, &pad_op, y, 1, &x, &attr, sizeof attr);
}

/* --- concat --- */

static void vjp_concat(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    int axis = *(const int *)n->attr;
    int64_t at = 0;
    for (int i = 0; i < n->n; at += n->in[i++]->dim[axis])
        if (need[i]) gx[i] = gan_slice(t, gy, axis, at, n->in[i]->dim[axis]);
}

static const gan__op concat_op = {"concat", vjp_concat};

/* Do all agree with x[0] but for the axis? Adds up their sizes along it. */
static int concat_shape(int n, gan_tensor *const *x, int axis, int64_t *dim) {
    if (axis < 0 || axis >= x[0]->rank) return 0;
    memcpy(dim, x[0]->dim, sizeof x[0]->dim);
    for (int i = 1; i < n; i++) {
        if (x[i]->rank != x[0]->rank) return 0;
        for (int k = 0; k < x[0]->rank; k++)
            if (k != axis && x[i]->dim[k] != dim[k]) return 0;
        dim[axis] += x[i]->dim[axis];
    }
    return 1;
}

gan_tensor *gan_concat(gan_tape *t, int n, gan_tensor *const *x, int axis) {
    int64_t dim[GAN_MAX_RANK], from[GAN_MAX_RANK], to[GAN_MAX_RANK], at = 0;
    if (n < 1 || n > GAN__MAX_INPUTS)
        return gan_tape_fail(t, GAN_EINVAL, "concat: %d tensors; 1 to %d can be joined", n,
                             GAN__MAX_INPUTS);
    if (!gan__ready(t, "concat", n, x)) return NULL;
    axis = normal_axis(x[0], axis);
    if (!concat_shape(n, x, axis, dim))
        return gan__op_fail(t, GAN_ESHAPE, "concat", "the tensors differ in more than axis %d",
                            axis);
    gan_tensor *y = gan__new(t, x[0]->rank, dim);
    if (!y) return NULL;
    gan__strides(y->rank, y->dim, to);
    for (int i = 0; i < n; at += x[i++]->dim[axis]) {
        gan__strides(x[i]->rank, x[i]->dim, from);
        gan__copy_run(x[i]->rank, x[i]->dim, x[i]->data, from, y->data + at * to[axis], to,
                      t->threads);
    }
    return gan__record(t, &concat_op, y, n, x, &axis, sizeof axis);
}

/* --- broadcast and sum: adjoint to each other --- */

/* Can `small` be repeated up to `dim`? Its strides under that shape go into stride. */
static int fits(const gan_tensor *small, int rank, const int64_t *dim, int64_t *stride) {
    int64_t own[GAN_MAX_RANK];
    if (rank > GAN_MAX_RANK || small->rank > rank) return 0;
    gan__strides(small->rank, small->dim, own);
    for (int i = 0; i < rank; i++) {
        int k = i - (rank - small->rank);
        int64_t d = k < 0 ? 1 : small->dim[k];
        if (d != dim[i] && d != 1) return 0;
        stride[i] = d == 1 ? 0 : own[k];
    }
    return 1;
}

static void vjp_broadcast(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                          gan_tensor **gx) {
    (void)need;
    gx[0] = gan_sum_to(t, gy, n->in[0]->rank, n->in[0]->dim);
}

static void vjp_sum_to(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    (void)need;
    gx[0] = gan_broadcast(t, gy, n->in[0]->rank, n->in[0]->dim);
}

static const gan__op broadcast_op = {"broadcast", vjp_broadcast}, sum_to_op = {"sum", vjp_sum_to};

gan_tensor *gan_broadcast(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim) {
    int64_t from[GAN_MAX_RANK], to[GAN_MAX_RANK];
    char text[96];
    if (!gan__ready(t, "broadcast", 1, &x)) return NULL;
    if (!fits(x, rank, dim, from))
        return gan__op_fail(t, GAN_ESHAPE, "broadcast",
                            "%s cannot be repeated up to the shape asked for",
                            gan__shape_text(x, text));
    gan_tensor *y = gan__new(t, rank, dim);
    if (!y) return NULL;
    gan__strides(rank, dim, to);
    gan__copy_run(rank, dim, x->data, from, y->data, to, t->threads);
    return gan__record(t, &broadcast_op, y, 1, &x, NULL, 0);
}

/* Sums the axes [first, last) of x, read as [a][r][b]; x is given back if it was itself a partial
 * sum. */
static gan_tensor *sum_axes(gan_tape *t, gan_tensor *x, int first, int last, int partial) {
    int64_t a = 1, r = 1, b = 1, dim[GAN_MAX_RANK];
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < x->rank; i++) *(i < first ? &a : i < last ? &r : &b) *= x->dim[i];
    for (int i = first; i < last; i++) dim[i] = 1;
    gan_tensor *y = gan__new(t, x->rank, dim);
    gan__buffer *work = y ? gan__scratch(t, gan__sum_workspace(a, r, b)) : NULL;
    if (!work) return NULL;
    gan__sum_run(a, r, b, x->data, y->data, work->data, t->threads);
    gan__pool_release(&t->pool, work);
    if (partial) gan_release(t, x);
    return y;
}

/* One sum for each run of neighbouring axes, the last run first: it shrinks the array at its inner
 * end. */
static gan_tensor *sum_runs(gan_tape *t, gan_tensor *x, unsigned axes) {
    gan_tensor *y = x;
    for (int last = x->rank, first; y && last > 0; last = first - 1) {
        first = last;
        while (first > 0 && axes >> (first - 1) & 1) first--;
        if (first < last) y = sum_axes(t, y, first, last, y != x);
    }
    return y;
}

gan_tensor *gan_sum_to(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim) {
    int64_t stride[GAN_MAX_RANK];
    gan_tensor target = {.rank = rank};
    char text[96];
    if (!gan__ready(t, "sum", 1, &x)) return NULL;
    if (rank >= 0 && rank <= GAN_MAX_RANK && rank)
        memcpy(target.dim, dim, (size_t)rank * sizeof *dim);
    if (rank < 0 || rank > GAN_MAX_RANK || !fits(&target, x->rank, x->dim, stride))
        return gan__op_fail(t, GAN_ESHAPE, "sum", "%s cannot be summed down to the shape asked for",
                            gan__shape_text(x, text));
    unsigned axes = 0;
    for (int i = 0; i < x->rank; i++) {
        int k = i - (x->rank - rank);
        if (k < 0 || (dim[k] == 1 && x->dim[i] != 1)) axes |= 1u << i;
    }
    gan_tensor *y = sum_runs(t, x, axes);
    if (!y) return NULL;
    gan_tensor *out = gan__alias(t, y, rank, dim);
    if (y != x) gan_release(t, y);
    return gan__record(t, &sum_to_op, out, 1, &x, NULL, 0);
}

gan_tensor *gan_sum(gan_tape *t, gan_tensor *x, unsigned axes) {
    int64_t dim[GAN_MAX_RANK];
    if (!gan__ready(t, "sum", 1, &x)) return NULL;
    for (int i = 0; i < x->rank; i++) dim[i] = axes >> i & 1 ? 1 : x->dim[i];
    return gan_sum_to(t, x, x->rank, dim);
}

gan_tensor *gan_mean(gan_tape *t, gan_tensor *x, unsigned axes) {
    gan_tensor *sum = gan_sum(t, x, axes);
    return sum ? gan_scale(t, sum, (double)sum->size / (double)(x->size ? x->size : 1)) : NULL;
}

gan_tensor *gan_sum_all(gan_tape *t, gan_tensor *x) {
    int64_t one = 1;
    if (!gan__ready(t, "sum", 1, &x)) return NULL;
    return x->rank ? gan_sum_to(t, x, 1, &one) : gan_reshape(t, x, 1, &one);
}

gan_tensor *gan_mean_all(gan_tape *t, gan_tensor *x) {
    gan_tensor *sum = gan_sum_all(t, x);
    return sum ? gan_scale(t, sum, 1.0 / (double)(x->size ? x->size : 1)) : NULL;
}
