/* SPDX-License-Identifier: MIT */
#include "gan/matmul.h"

#include "kernel/gemm.h"
#include "tensor/internal.h"

/* With C = op(A) op(B), and g the gradient of C: the gradient of op(A) is g op(B)^T, that of op(B)
 * is op(A)^T g; where an operand is stored transposed, so is its gradient. */
static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    unsigned flags = *(const unsigned *)n->attr;
    unsigned ta = flags & GAN_TRANSPOSE_A, tb = flags & GAN_TRANSPOSE_B;
    gan_tensor *a = n->in[0], *b = n->in[1];
    if (need[0])
        gx[0] = ta ? gan_matmul(t, b, gy, (tb ? GAN_TRANSPOSE_A : 0) | GAN_TRANSPOSE_B)
                   : gan_matmul(t, gy, b, tb ? 0 : GAN_TRANSPOSE_B);
    if (need[1])
        gx[1] = tb ? gan_matmul(t, gy, a, GAN_TRANSPOSE_A | (ta ? GAN_TRANSPOSE_B : 0))
                   : gan_matmul(t, a, gy, ta ? 0 : GAN_TRANSPOSE_A);
}

static const gan__op op = {"matmul", vjp};

gan_tensor *gan_matmul(gan_tape *t, gan_tensor *a, gan_tensor *b, unsigned flags) {
    gan_tensor *in[] = {a, b};
    char sa[96], sb[96];
    if (!gan__ready(t, op.name, 2, in)) return NULL;
    int ta = (flags & GAN_TRANSPOSE_A) != 0, tb = (flags & GAN_TRANSPOSE_B) != 0, r = a->rank;
    int fits = r == b->rank && (r == 2 || (r == 3 && a->dim[0] == b->dim[0])) &&
               a->dim[ta ? r - 2 : r - 1] == b->dim[tb ? r - 1 : r - 2];
    if (!fits)
        return gan__op_fail(t, GAN_ESHAPE, op.name, "%s%s does not fit %s%s",
                            gan__shape_text(a, sa), ta ? " transposed" : "", gan__shape_text(b, sb),
                            tb ? " transposed" : "");
    int64_t k = a->dim[ta ? r - 2 : r - 1];
    int64_t dim[3] = {a->dim[0], 0, 0};
    dim[r - 2] = a->dim[ta ? r - 1 : r - 2];
    dim[r - 1] = b->dim[tb ? r - 2 : r - 1];
    gan_tensor *y = gan__new(t, r, dim);
    if (!y) return NULL;
    gan__gemm_run(ta, tb, r == 3 ? dim[0] : 1, dim[r - 2], dim[r - 1], k, a->data, b->data, y->data,
                  t->threads);
    t->flops = 2.0 * (double)y->size * (double)k;
    return gan__record(t, &op, y, 2, in, &flags, sizeof flags);
}
