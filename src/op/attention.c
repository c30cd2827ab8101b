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

static gan__attention with_operands(gan__attention s, gan_tensor *const *in) {
    s.q = in[0]->data, s.k = in[1]->data, s.v = in[2]->data;
    return s;
}

/* Multiply-adds of `products` products of both kinds, counted as two. */
static double flops(const gan__attention *s, double of_d, double of_e) {
    double scores = (double)s->b * (double)s->tq * (double)s->tk;
    return 2 * scores * (of_d * (double)s->d + of_e * (double)s->e);
}

static void vjp_fused(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                      gan_tensor **gx) {
    const attributes *a = n->attr;
    gan__attention s = with_operands(a->s, n->in);
    for (int i = 0; i < 3; i++)
        if (need[i]) gx[i] = gan__new_like(t, n->in[i]);
    gan__buffer *work = gan__scratch(t, gan__attention_back_workspace(&s, t->threads));
    if (work && !t->error.code)
        gan__attention_back(&s, n->out->data, a->top->data, a->share->data, gy->data,
                            data_of(gx[0]), data_of(gx[1]), data_of(gx[2]), work->data, t->threads);
    gan__pool_release(&t->pool, work);
    t->flops = flops(&s, 1 + need[0] + need[1], (need[0] || need[1]) + need[2]);
}

/* With p the weights: gv = p^T gy, gp = gy v^T, gs = p (gp - sum p gp), gq = scale gs k, gk = scale
 * gs^T q. */
static void vjp_composed(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                         gan_tensor **gx) {
    const attributes *a = n->attr;
    gan_tensor *q = n->in[0], *k = n->in[1], *v = n->in[2];
    gan_tensor *scores = gan_scale(t, gan_matmul(t, q, k, GAN_TRANSPOSE_B), a->s.scale);
    gan_tensor *p = gan_softmax(t, scores);
    if (need[2]) gx[2] = gan_matmul(t, p, gy, GAN_TRANSPOSE_A);
    if (!need[0] && !need[1]) return;
    gan_tensor *gp = gan_matmul(t, gy, v, GAN_TRANSPOSE_B);
    gan_tensor *centred = gan_sub(t, gp, gan_sum(t, gan_mul(t, p, gp), 1u << 2));
    gan_tensor *gs = gan_scale(t, gan_mul(t, p, centred), a->s.scale);
    if (need[0]) gx[0] = gan_matmul(t, gs, k, 0);
    if (need[1]) gx[1] = gan_matmul(t, gs, q, GAN_TRANSPOSE_A);
}

static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    if (t->recording)
        vjp_composed(t, n, gy, need, gx);
    else
        vjp_fused(t, n, gy, need, gx);
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
    const int64_t dim[3] = {q->dim[0], q->dim[1], v->dim[2]};
    attributes a = {.s = {dim[0], dim[1], k->dim[1], q->dim[2], dim[2], scale, NULL, NULL, NULL}};
    gan__attention s = with_operands(a.s, in);
    gan_tensor *y = gan__new(t, 3, dim);
    if (t->recording) a.top = gan__new(t, 2, dim), a.share = gan__new(t, 2, dim);
    gan__buffer *work = gan__scratch(t, gan__attention_workspace(&s, t->threads));
    if (work && !t->error.code)
        gan__attention_run(&s, y->data, data_of(a.top), data_of(a.share), work->data, t->threads);
    gan__pool_release(&t->pool, work);
    if (t->error.code) return NULL;
    t->flops = flops(&s, 1, 1);
    return gan__record(t, &op, y, 3, in, &a, sizeof a);
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
