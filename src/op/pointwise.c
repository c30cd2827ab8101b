/* SPDX-License-Identifier: MIT */
#include "gan/pointwise.h"

#include <math.h>
#include <string.h>

#include "gan/shape.h"
#include "kernel/pointwise.h"
#include "kernel/shape.h"
#include "tensor/internal.h"

/* --- two operands --- */

/* The shape of a op b; 0 when the two cannot be broadcast. */
static int broadcast_shape(const gan_tensor *a, const gan_tensor *b, int *rank, int64_t *dim) {
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 0; i < *rank; i++) {
        int ia = i - (*rank - a->rank), ib = i - (*rank - b->rank);
        int64_t da = ia < 0 ? 1 : a->dim[ia], db = ib < 0 ? 1 : b->dim[ib];
        if (da != db && da != 1 && db != 1) return 0;
        dim[i] = da == 1 ? db : da;
    }
    return 1;
}

/* Strides of x read under a broadcast shape. */
static void broadcast_strides(const gan_tensor *x, int rank, int64_t *stride) {
    int64_t own[GAN_MAX_RANK];
    gan__strides(x->rank, x->dim, own);
    for (int i = 0; i < rank; i++) {
        int k = i - (rank - x->rank);
        stride[i] = k < 0 || x->dim[k] == 1 ? 0 : own[k];
    }
}

static gan_tensor *binary(gan_tape *t, const gan__op *op, gan__binary f, gan_tensor *a,
                          gan_tensor *b) {
    gan_tensor *in[] = {a, b};
    int rank;
    int64_t dim[GAN_MAX_RANK], sa[GAN_MAX_RANK], sb[GAN_MAX_RANK];
    char ta[96], tb[96];
    if (!gan__ready(t, op->name, 2, in)) return NULL;
    if (!broadcast_shape(a, b, &rank, dim))
        return gan__op_fail(t, GAN_ESHAPE, op->name, "%s and %s cannot be broadcast",
                            gan__shape_text(a, ta), gan__shape_text(b, tb));
    gan_tensor *y = gan__new(t, rank, dim);
    if (!y) return NULL;
    broadcast_strides(a, rank, sa);
    broadcast_strides(b, rank, sb);
    gan__binary_run(f, rank, dim, a->data, sa, b->data, sb, y->data, t->threads);
    return gan__record(t, op, y, 2, in, NULL, 0);
}

/* The gradient of a broadcast operand: what was repeated is added up. */
static gan_tensor *reduced(gan_tape *t, gan_tensor *g, gan_tensor *like) {
    return g && gan__same_shape(g, like) ? g : gan_sum_to(t, g, like->rank, like->dim);
}

/* d(a+b) = da + db */
static void vjp_add(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    if (need[0]) gx[0] = reduced(t, gy, n->in[0]);
    if (need[1]) gx[1] = reduced(t, gy, n->in[1]);
}

/* d(a-b) = da - db */
static void vjp_sub(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    if (need[0]) gx[0] = reduced(t, gy, n->in[0]);
    if (need[1]) gx[1] = gan_scale(t, reduced(t, gy, n->in[1]), -1);
}

/* d(ab) = b da + a db */
static void vjp_mul(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    gan_tensor *a = n->in[0], *b = n->in[1];
    if (need[0]) gx[0] = reduced(t, gan_mul(t, gy, b), a);
    if (need[1]) gx[1] = reduced(t, gan_mul(t, gy, a), b);
}

/* d(a/b) = da/b - (a/b) db/b */
static void vjp_div(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                    gan_tensor **gx) {
    gan_tensor *a = n->in[0], *b = n->in[1], *g = gan_div(t, gy, b);
    if (need[0]) gx[0] = reduced(t, g, a);
    if (need[1]) gx[1] = gan_scale(t, reduced(t, gan_mul(t, g, n->out), b), -1);
}

static const gan__op add_op = {"add", vjp_add}, sub_op = {"sub", vjp_sub},
                     mul_op = {"mul", vjp_mul}, div_op = {"div", vjp_div};

gan_tensor *gan_add(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    return binary(t, &add_op, GAN__ADD, a, b);
}

gan_tensor *gan_sub(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    return binary(t, &sub_op, GAN__SUB, a, b);
}

gan_tensor *gan_mul(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    return binary(t, &mul_op, GAN__MUL, a, b);
}

gan_tensor *gan_div(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    return binary(t, &div_op, GAN__DIV, a, b);
}

/* --- one operand, two constants --- */

/* The derivative of gelu' = Phi(x) + x phi(x): (2 - x^2) phi(x). */
static gan_tensor *gelu_bend(gan_tape *t, gan_tensor *x) {
    gan_tensor *z = gan_square(t, x);
    gan_tensor *density = gan_scale(t, gan_exp(t, gan_scale(t, z, -0.5)), 0.39894228040143267794);
    return gan_mul(t, density, gan_affine(t, z, -1, 2));
}

typedef struct constants {
    double a, b;
} constants;

static gan_tensor *unary(gan_tape *t, const gan__op *op, gan__unary f, gan_tensor *x, double a,
                         double b) {
    if (!gan__ready(t, op->name, 1, &x)) return NULL;
    gan_tensor *y = gan__new_like(t, x);
    if (!y) return NULL;
    gan__unary_run(f, x->size, x->data, y->data, a, b, t->threads);
    constants attr = {a, b};
    return gan__record(t, op, y, 1, &x, &attr, sizeof attr);
}

/* VJP(name, gradient in terms of t, gy, x, y, a, b) */
#define VJP(name, expression)                                                                      \
    static void vjp_##name(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,       \
                           gan_tensor **gx) {                                                      \
        gan_tensor *x = n->in[0], *y = n->out;                                                     \
        double a = ((const constants *)n->attr)->a, b = ((const constants *)n->attr)->b;           \
        (void)x, (void)y, (void)a, (void)b, (void)need;                                            \
        gx[0] = expression;                                                                        \
    }

VJP(affine, gan_scale(t, gy, a))
VJP(exp, gan_mul(t, gy, y))
VJP(log, gan_div(t, gy, x))
VJP(sqrt, gan_scale(t, gan_mul(t, gy, gan_rsqrt(t, x)), 0.5))
VJP(rsqrt, gan_scale(t, gan_mul(t, gy, gan_mul(t, y, gan_square(t, y))), -0.5))
VJP(abs, gan_mul(t, gy, gan_sign(t, x)))
VJP(square, gan_scale(t, gan_mul(t, gy, x), 2))
VJP(tanh, gan_mul(t, gy, gan_affine(t, gan_square(t, y), -1, 1)))
VJP(sigmoid, gan_mul(t, gy, gan_sub(t, y, gan_square(t, y))))
VJP(softplus, gan_mul(t, gy, gan_sigmoid(t, x)))
VJP(gelu, gan_mul(t, gy, gan_gelu_slope(t, x)))
VJP(gelu_slope, gan_mul(t, gy, gelu_bend(t, x)))
VJP(leaky, gan_gate(t, gy, x, 0, HUGE_VAL, a))
VJP(clamp, gan_gate(t, gy, x, a, b, 0))

/* OP(function, vjp, kernel, parameters, a, b): the public functions, a row each. */
#define OP(name, vjp, kernel, parameters, a, b)                                                    \
    static const gan__op name##_op = {#name, vjp};                                                 \
    gan_tensor *gan_##name parameters {                                                            \
        return unary(t, &name##_op, kernel, x, a, b);                                              \
    }
#define X (gan_tape * t, gan_tensor * x)

OP(affine, vjp_affine, GAN__AFFINE, (gan_tape * t, gan_tensor *x, double scale, double shift),
   scale, shift)
OP(scale, vjp_affine, GAN__AFFINE, (gan_tape * t, gan_tensor *x, double scale), scale, 0)
OP(exp, vjp_exp, GAN__EXP, X, 0, 0)
OP(log, vjp_log, GAN__LOG, X, 0, 0)
OP(sqrt, vjp_sqrt, GAN__SQRT, X, 0, 0)
OP(rsqrt, vjp_rsqrt, GAN__RSQRT, X, 0, 0)
OP(abs, vjp_abs, GAN__ABS, X, 0, 0)
OP(sign, NULL, GAN__SIGN, X, 0, 0)
OP(square, vjp_square, GAN__SQUARE, X, 0, 0)
OP(tanh, vjp_tanh, GAN__TANH, X, 0, 0)
OP(sigmoid, vjp_sigmoid, GAN__SIGMOID, X, 0, 0)
OP(softplus, vjp_softplus, GAN__SOFTPLUS, X, 0, 0)
OP(gelu, vjp_gelu, GAN__GELU, X, 0, 0)
OP(gelu_slope, vjp_gelu_slope, GAN__GELU_SLOPE, X, 0, 0)
OP(relu, vjp_leaky, GAN__LEAKY, X, 0, 0)
OP(leaky_relu, vjp_leaky, GAN__LEAKY, (gan_tape * t, gan_tensor *x, double slope), slope, 0)
OP(clamp, vjp_clamp, GAN__CLAMP, (gan_tape * t, gan_tensor *x, double lo, double hi), lo, hi)

/* --- gate: linear in x, constant in v --- */

typedef struct gate {
    double lo, hi, slope;
} gate;

static void vjp_gate(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                     gan_tensor **gx) {
    const gate *g = n->attr;
    if (need[0]) gx[0] = gan_gate(t, gy, n->in[1], g->lo, g->hi, g->slope);
}

static const gan__op gate_op = {"gate", vjp_gate};

gan_tensor *gan_gate(gan_tape *t, gan_tensor *x, gan_tensor *v, double lo, double hi,
                     double slope) {
    gan_tensor *in[] = {x, v};
    char tx[96], tv[96];
    if (!gan__ready(t, "gate", 2, in)) return NULL;
    if (!gan__same_shape(x, v))
        return gan__op_fail(t, GAN_ESHAPE, "gate", "x is %s, v is %s", gan__shape_text(x, tx),
                            gan__shape_text(v, tv));
    gan_tensor *y = gan__new_like(t, x);
    if (!y) return NULL;
    gan__gate_run(x->size, x->data, v->data, lo, hi, slope, y->data, t->threads);
    gate attr = {lo, hi, slope};
    return gan__record(t, &gate_op, y, 2, in, &attr, sizeof attr);
}

/* --- leaky relu with a slope that is learned --- */

/* gx = gy above 0, else slope gy: in one pass, or in operations when the gradient is recorded; the
 * gradient of the slope is the sum of gy min(x, 0). */
static void vjp_prelu(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    gan_tensor *x = n->in[0], *slope = n->in[1];
    if (need[0] && t->recording) {
        gan_tensor *above = gan_gate(t, gy, x, 0, HUGE_VAL, 0);
        gx[0] = gan_add(t, above, gan_mul(t, gan_sub(t, gy, above), slope));
    } else if (need[0]) {
        gx[0] = gan_gate(t, gy, x, 0, HUGE_VAL, (double)slope->data[0]);
    }
    if (!need[1]) return;
    gan_tensor *below = gan_sub(t, x, gan_relu(t, x));
    gx[1] = gan_sum_to(t, gan_mul(t, gy, below), slope->rank, slope->dim);
}

static const gan__op prelu_op = {"prelu", vjp_prelu};

gan_tensor *gan_prelu(gan_tape *t, gan_tensor *x, gan_tensor *slope) {
    gan_tensor *in[] = {x, slope};
    char text[96];
    if (!gan__ready(t, prelu_op.name, 2, in)) return NULL;
    if (slope->rank > 1 || slope->size != 1)
        return gan__op_fail(t, GAN_ESHAPE, prelu_op.name, "the slope is %s, not one number",
                            gan__shape_text(slope, text));
    gan_tensor *y = gan__new_like(t, x);
    if (!y) return NULL;
    gan__unary_run(GAN__LEAKY, x->size, x->data, y->data, (double)slope->data[0], 0, t->threads);
    return gan__record(t, &prelu_op, y, 2, in, NULL, 0);
}
