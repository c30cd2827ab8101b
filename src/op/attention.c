/* SPDX-License-Identifier: MIT */
#include "gan/attention.h"

#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "kernel/attention.h"
#include "tensor/internal.h"

typedef struct attributes {
    gan__attention s;        /* without the operands' elements, which may move */
    gan_tensor *top, *share; /* [B,Tq] */
} attributes;

static gan_real *data_of(gan_tensor *x) {
    return x ? x->data : NULL;
}

static gan__attention sizes(int64_t b, int64_t tq, int64_t tk, int64_t d, int64_t e, double scale) {
    return (gan__attention){.b = b, .tq = tq, .tk = tk, .d = d, .e = e, .scale = scale};
}

/* With the operands where they lie now: three tensors, or one of all three. */
static gan__attention of_three(gan__attention s, gan_tensor *const *in) {
    s.q = in[0]->data, s.k = in[1]->data, s.v = in[2]->data;
    return s;
}

static gan__attention of_one(gan__attention s, const gan_tensor *x) {
    s.q = x->data, s.k = s.q + x->size / 3, s.v = s.k + x->size / 3;
    return s;
}

/* Of so many products with d terms or columns, and so many with e; a multiply-add is two. */
static double flops(const gan__attention *s, double of_d, double of_e) {
    double scores = (double)s->b * (double)s->tq * (double)s->tk;
    return 2 * scores * (of_d * (double)s->d + of_e * (double)s->e);
}

/* --- fused --- */

/* y, and, on record, what the gradient needs. */
static gan_tensor *run(gan_tape *t, const gan__attention *s, attributes *a) {
    const int64_t dim[3] = {s->b, s->tq, s->e};
    gan_tensor *y = gan__new(t, 3, dim);
    if (t->recording) a->top = gan__new(t, 2, dim), a->share = gan__new(t, 2, dim);
    gan__buffer *work = gan__scratch(t, gan__attention_workspace(s, t->threads));
    if (work && !t->error.code)
        gan__attention_run(s, y->data, data_of(a->top), data_of(a->share), work->data, t->threads);
    gan__pool_release(&t->pool, work);
    if (t->error.code) return NULL;
    t->flops = flops(s, 1, 1);
    return y;
}

/* Those of the gradients of q, k, v that are not NULL. */
static void run_back(gan_tape *t, const gan__attention *s, const gan__node *n, const gan_tensor *gy,
                     gan_real *const *g) {
    const attributes *a = n->attr;
    int of_scores = (g[0] != NULL) + (g[1] != NULL);
    gan__buffer *work = gan__scratch(t, gan__attention_back_workspace(s, t->threads));
    if (work && !t->error.code)
        gan__attention_back(s, n->out->data, a->top->data, a->share->data, gy->data, g[0], g[1],
                            g[2], work->data, t->threads);
    gan__pool_release(&t->pool, work);
    if (!t->error.code) t->flops = flops(s, 1 + of_scores, (of_scores > 0) + (g[2] != NULL));
}

/* --- made of operations, for gradients that are recorded --- */

/* With p the weights: gv = p^T gy, gp = gy v^T, gs = p (gp - sum p gp), gq = scale gs k, gk = scale
 * gs^T q. */
static void compose_back(gan_tape *t, gan_tensor *const *in, double scale, gan_tensor *gy,
                         const int *need, gan_tensor **gx) {
    gan_tensor *q = in[0], *k = in[1], *v = in[2];
    gan_tensor *scores = gan_scale(t, gan_matmul(t, q, k, GAN_TRANSPOSE_B), scale);
    gan_tensor *p = gan_softmax(t, scores);
    if (need[2]) gx[2] = gan_matmul(t, p, gy, GAN_TRANSPOSE_A);
    if (!need[0] && !need[1]) return;
    gan_tensor *gp = gan_matmul(t, gy, v, GAN_TRANSPOSE_B);
    gan_tensor *centred = gan_sub(t, gp, gan_sum(t, gan_mul(t, p, gp), 1u << 2));
    gan_tensor *gs = gan_scale(t, gan_mul(t, p, centred), scale);
    if (need[0]) gx[0] = gan_matmul(t, gs, k, 0);
    if (need[1]) gx[1] = gan_matmul(t, gs, q, GAN_TRANSPOSE_A);
}

/* --- of q, k and v --- */

static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    const attributes *a = n->attr;
    if (t->recording) {
        compose_back(t, n->in, a->s.scale, gy, need, gx);
        return;
    }
    gan__attention s = of_three(a->s, n->in);
    for (int i = 0; i < 3; i++)
        if (need[i]) gx[i] = gan__new_like(t, n->in[i]);
    run_back(t, &s, n, gy, (gan_real *const[]){data_of(gx[0]), data_of(gx[1]), data_of(gx[2])});
}

static const gan__op op = {"attention", vjp};

static int checked(gan_tape *t, gan_tensor *q, gan_tensor *k, gan_tensor *v) {
    gan_tensor *in[] = {q, k, v};
    char sq[96], sk[96], sv[96];
    if (!gan__ready(t, op.name, 3, in)) return 0;
    int fits = q->rank == 3 && k->rank == 3 && v->rank == 3 && q->dim[0] == k->dim[0] &&
               q->dim[0] == v->dim[0] && q->dim[2] == k->dim[2] && k->dim[1] == v->dim[1];
    if (!fits || !q->size || !k->size || !v->size)
        gan__op_fail(t, GAN_ESHAPE, op.name,
                     "q %s, k %s and v %s are not [B,Tq,D], [B,Tk,D] and [B,Tk,E]",
                     gan__shape_text(q, sq), gan__shape_text(k, sk), gan__shape_text(v, sv));
    return !t->error.code;
}

gan_tensor *gan_attention(gan_tape *t, gan_tensor *q, gan_tensor *k, gan_tensor *v, double scale) {
    gan_tensor *in[] = {q, k, v};
    if (!checked(t, q, k, v)) return NULL;
    attributes a = {.s = sizes(q->dim[0], q->dim[1], k->dim[1], q->dim[2], v->dim[2], scale)};
    gan__attention s = of_three(a.s, in);
    gan_tensor *y = run(t, &s, &a);
    return y ? gan__record(t, &op, y, 3, in, &a, sizeof a) : NULL;
}

/* --- of one tensor of all three --- */

static void compose_back_packed(gan_tape *t, gan_tensor *x, double scale, gan_tensor *gy,
                                gan_tensor **gx) {
    const int64_t three[3] = {x->dim[1], x->dim[2], x->dim[3]},
                  four[4] = {1, three[0], three[1], three[2]};
    gan_tensor *in[3], *g[3] = {NULL};
    for (int i = 0; i < 3; i++) in[i] = gan_reshape(t, gan_slice(t, x, 0, i, 1), 3, three);
    compose_back(t, in, scale, gy, (const int[]){1, 1, 1}, g);
    for (int i = 0; i < 3; i++) g[i] = gan_reshape(t, g[i], 4, four);
    gx[0] = gan_concat(t, 3, g, 0);
}

static void vjp_packed(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                       gan_tensor **gx) {
    const attributes *a = n->attr;
    (void)need;
    if (t->recording) {
        compose_back_packed(t, n->in[0], a->s.scale, gy, gx);
        return;
    }
    gan__attention s = of_one(a->s, n->in[0]);
    gx[0] = gan__new_like(t, n->in[0]);
    if (!gx[0]) return;
    int64_t part = gx[0]->size / 3;
    gan_real *g = gx[0]->data;
    run_back(t, &s, n, gy, (gan_real *const[]){g, g + part, g + 2 * part});
}

static const gan__op packed_op = {"self_attention", vjp_packed};

gan_tensor *gan_self_attention(gan_tape *t, gan_tensor *x, double scale) {
    char text[96];
    if (!gan__ready(t, packed_op.name, 1, &x)) return NULL;
    if (x->rank != 4 || x->dim[0] != 3 || !x->size)
        return gan__op_fail(t, GAN_ESHAPE, packed_op.name, "x %s is not [3,B,T,D]",
                            gan__shape_text(x, text));
    attributes a = {.s = sizes(x->dim[1], x->dim[2], x->dim[2], x->dim[3], x->dim[3], scale)};
    gan__attention s = of_one(a.s, x);
    gan_tensor *y = run(t, &s, &a);
    return y ? gan__record(t, &packed_op, y, 1, &x, &a, sizeof a) : NULL;
}

/* --- windows --- */

gan_tensor *gan_windows_cut(gan_tape *t, gan_tensor *x, int64_t side) {
    const char *name = "windows_cut";
    char text[96];
    if (!gan__ready(t, name, 1, &x)) return NULL;
    if (x->rank != 4 || side < 1 || x->dim[1] % side || x->dim[2] % side)
        return gan__op_fail(t, GAN_ESHAPE, name, "x %s cannot be cut into windows of %lldx%lld",
                            gan__shape_text(x, text), (long long)side, (long long)side);
    int64_t rows = x->dim[1] / side, columns = x->dim[2] / side, c = x->dim[3];
    const int64_t apart[6] = {x->dim[0], rows, side, columns, side, c},
                  windows[3] = {x->dim[0] * rows * columns, side * side, c};
    gan_tensor *y = gan_permute(t, gan_reshape(t, x, 6, apart), (const int[]){0, 1, 3, 2, 4, 5});
    return gan_reshape(t, y, 3, windows);
}

gan_tensor *gan_windows_join(gan_tape *t, gan_tensor *x, int64_t side, int64_t height,
                             int64_t width) {
    const char *name = "windows_join";
    char text[96];
    if (!gan__ready(t, name, 1, &x)) return NULL;
    int fits = x->rank == 3 && side >= 1 && height >= side && width >= side && height % side == 0 &&
               width % side == 0 && x->dim[1] == side * side;
    int64_t rows = fits ? height / side : 1, columns = fits ? width / side : 1;
    if (!fits || x->dim[0] % (rows * columns))
        return gan__op_fail(t, GAN_ESHAPE, name,
                            "x %s is not windows of %lldx%lld of images of %lldx%lld",
                            gan__shape_text(x, text), (long long)side, (long long)side,
                            (long long)height, (long long)width);
    int64_t n = x->dim[0] / (rows * columns), c = x->dim[2];
    const int64_t apart[6] = {n, rows, columns, side, side, c}, images[4] = {n, height, width, c};
    gan_tensor *y = gan_permute(t, gan_reshape(t, x, 6, apart), (const int[]){0, 1, 3, 2, 4, 5});
    return gan_reshape(t, y, 4, images);
}
