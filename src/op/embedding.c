/* SPDX-License-Identifier: MIT
 *
 * Taking rows is linear in the table. Its adjoint adds rows up where they came from; each is the
 * derivative of the other. The attributes of both are the rows' numbers. */
#include "gan/shape.h"
#include "kernel/shape.h"
#include "tensor/internal.h"

static gan_tensor *take(gan_tape *t, gan_tensor *table, int64_t n, const int *rows);
static gan_tensor *put(gan_tape *t, gan_tensor *y, int64_t k, const int *rows);

static void vjp_take(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                     gan_tensor **gx) {
    (void)need;
    gx[0] = put(t, gy, n->in[0]->dim[0], n->attr);
}

static void vjp_put(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    (void)need;
    gx[0] = take(t, gy, n->in[0]->dim[0], n->attr);
}

static const gan__op take_op = {"embedding", vjp_take}, put_op = {"embedding adjoint", vjp_put};

static gan_tensor *take(gan_tape *t, gan_tensor *table, int64_t n, const int *rows) {
    if (!gan__ready(t, take_op.name, 1, &table)) return NULL;
    int64_t d = table->dim[1];
    gan_tensor *y = gan__new(t, 2, (const int64_t[]){n, d});
    if (!y) return NULL;
    gan__take_rows(n, d, rows, table->data, y->data, t->threads);
    return gan__record(t, &take_op, y, 1, &table, rows, (size_t)n * sizeof *rows);
}

/* [k,d], the sum of y's rows by their numbers. */
static gan_tensor *put(gan_tape *t, gan_tensor *y, int64_t k, const int *rows) {
    if (!gan__ready(t, put_op.name, 1, &y)) return NULL;
    int64_t n = y->dim[0], d = y->dim[1];
    gan_tensor *table = gan__new(t, 2, (const int64_t[]){k, d});
    if (!table) return NULL;
    gan__add_rows(n, k, d, rows, y->data, table->data, t->threads);
    return gan__record(t, &put_op, table, 1, &y, rows, (size_t)n * sizeof *rows);
}

gan_tensor *gan_embedding(gan_tape *t, gan_tensor *table, int64_t n, const int *rows) {
    char text[96];
    if (!gan__ready(t, take_op.name, 1, &table)) return NULL;
    if (table->rank != 2 || n < 0)
        return gan__op_fail(t, GAN_ESHAPE, take_op.name, "%lld rows of a table %s, not [K,D]",
                            (long long)n, gan__shape_text(table, text));
    for (int64_t i = 0; i < n; i++)
        if (rows[i] < 0 || rows[i] >= table->dim[0])
            return gan__op_fail(t, GAN_EINVAL, take_op.name,
                                "row %d, number %lld, is not in [0,%lld)", rows[i], (long long)i,
                                (long long)table->dim[0]);
    return take(t, table, n, rows);
}
