/* SPDX-License-Identifier: MIT */
#include "gan/softmax.h"

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "kernel/softmax.h"
#include "tensor/internal.h"

static unsigned last_axis(const gan_tensor *x) {
    return 1u << (x->rank - 1);
}

/* gx = y * (gy - sum gy * y): one pass, or operations when the gradient is recorded. */
static void vjp_softmax(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                        gan_tensor **gx) {
    gan_tensor *y = n->out;
    int64_t k = y->dim[y->rank - 1];
    (void)need;
    if (t->recording) {
        gan_tensor *dot = gan_sum(t, gan_mul(t, gy, y), last_axis(y));
        gx[0] = gan_mul(t, y, gan_sub(t, gy, dot));
    } else if ((gx[0] = gan__new_like(t, y))) {
        gan__softmax_back(k ? y->size / k : 0, k, y->data, gy->data, gx[0]->data, t->threads);
    }
}

/* gx = gy - exp(y) * sum gy */
static void vjp_log_softmax(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                            gan_tensor **gx) {
    gan_tensor *y = n->out;
    (void)need;
    gx[0] = gan_sub(t, gy, gan_mul(t, gan_exp(t, y), gan_sum(t, gy, last_axis(y))));
}

static const gan__op softmax_op = {"softmax", vjp_softmax},
                     log_softmax_op = {"log_softmax", vjp_log_softmax};

typedef void kernel(int64_t rows, int64_t n, const gan_real *x, gan_real *y, int threads);

static gan_tensor *rowwise(gan_tape *t, const gan__op *op, kernel *run, gan_tensor *x) {
    if (!gan__ready(t, op->name, 1, &x)) return NULL;
    if (!x->rank) return gan__op_fail(t, GAN_ESHAPE, op->name, "x has no axis");
    gan_tensor *y = gan__new_like(t, x);
    if (!y) return NULL;
    int64_t n = x->dim[x->rank - 1];
    run(n ? x->size / n : 0, n, x->data, y->data, t->threads);
    return gan__record(t, op, y, 1, &x, NULL, 0);
}

gan_tensor *gan_softmax(gan_tape *t, gan_tensor *x) {
    return rowwise(t, &softmax_op, gan__softmax_run, x);
}

gan_tensor *gan_log_softmax(gan_tape *t, gan_tensor *x) {
    return rowwise(t, &log_softmax_op, gan__log_softmax_run, x);
}

/* -y log s(x) - (1-y) log(1 - s(x)) = softplus(x) - y x; at the two ends one softplus alone. */
gan_tensor *gan_binary_cross_entropy(gan_tape *t, gan_tensor *x, double target) {
    if (target == 0) return gan_mean_all(t, gan_softplus(t, x));
    if (target == 1) return gan_mean_all(t, gan_softplus(t, gan_scale(t, x, -1)));
    return gan_mean_all(t, gan_sub(t, gan_softplus(t, x), gan_scale(t, x, target)));
}

gan_tensor *gan_cross_entropy(gan_tape *t, gan_tensor *x, const int *labels) {
    char text[96];
    if (!gan__ready(t, "cross_entropy", 1, &x)) return NULL;
    if (x->rank != 2)
        return gan__op_fail(t, GAN_ESHAPE, "cross_entropy", "logits are %s, not [N,K]",
                            gan__shape_text(x, text));
    gan_tensor *one_hot = gan_input(t, 2, x->dim, NULL);
    for (int64_t i = 0; one_hot && i < x->dim[0]; i++) {
        if (labels[i] < 0 || labels[i] >= x->dim[1])
            return gan__op_fail(t, GAN_EINVAL, "cross_entropy", "label %d is not in [0,%lld)",
                                labels[i], (long long)x->dim[1]);
        one_hot->data[i * x->dim[1] + labels[i]] = 1;
    }
    gan_tensor *chosen = gan_sum_all(t, gan_mul(t, one_hot, gan_log_softmax(t, x)));
    return gan_scale(t, chosen, -1.0 / (double)(x->dim[0] ? x->dim[0] : 1));
}
