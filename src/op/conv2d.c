/* SPDX-License-Identifier: MIT
 *
 * One operation with three results. A node holds which of x, w, y it computed; in its vjp the
 * incoming gradient has that role, and the gradient of each operand is the member of the family
 * that computes the operand's role from the other two. */
#include "op/conv2d.h"

#include <math.h>

#include "gan/pointwise.h"
#include "gan/shape.h"
#include "kernel/conv.h"
#include "tensor/internal.h"

void gan_tape_conv(gan_tape *t, gan_conv_method method) {
    static const gan__conv_method methods[] = {[GAN_CONV_AUTO] = GAN__CONV_AUTO,
                                               [GAN_CONV_DIRECT] = GAN__CONV_IMPLICIT,
                                               [GAN_CONV_WINOGRAD] = GAN__CONV_WINOGRAD};
    if (t && (size_t)method < sizeof methods / sizeof *methods)
        t->conv_method = (int)methods[method];
}

gan_window gan_window_square(int stride, int pad) {
    return (gan_window){stride, stride, pad, pad};
}

#define MOST 65536 /* stride and padding: sizes of padded images stay far from overflow */

typedef gan__conv_form form;

static gan_tensor *apply(gan_tape *t, form f, gan_tensor *x, gan_tensor *w, gan_tensor *y,
                         gan_tensor *b);

/* The operands of a node in role order: x, w, y without the result. */
static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    const form *f = n->attr;
    gan_tensor *role[3];
    if (f->slope != 1) gy = gan_gate(t, gy, n->out, 0, HUGE_VAL, f->slope);
    if (n->n == 3 && need[2]) gx[2] = gan_sum_to(t, gy, 1, n->in[2]->dim);
    for (int r = 0, i = 0; r < 3; r++) role[r] = r == (int)f->result ? gy : n->in[i++];
    for (int r = 0, i = 0; r < 3; r++) {
        if (r == (int)f->result) continue;
        form derivative = {f->g, (gan__conv_role)r, 1};
        if (need[i]) gx[i] = apply(t, derivative, role[0], role[1], role[2], NULL);
        i++;
    }
}

static const gan__op ops[] = {{"conv2d_input", vjp}, {"conv2d_weight", vjp}, {"conv2d", vjp}};

/* Runs the kernel for the role f.result, whose operand is ignored. The geometry has been checked.
 */
static gan_tensor *apply(gan_tape *t, form f, gan_tensor *x, gan_tensor *w, gan_tensor *y,
                         gan_tensor *b) {
    const gan__conv *g = &f.g;
    const int64_t shapes[3][4] = {
        {g->n, g->h, g->w, g->c}, {g->k, g->kh, g->kw, g->c}, {g->n, g->oh, g->ow, g->k}};
    gan_tensor *role[3] = {x, w, y}, *in[3] = {NULL, NULL, b};
    int n = b ? 3 : 2;
    for (int r = 0, i = 0; r < 3; r++)
        if (r != (int)f.result) in[i++] = role[r];
    if (!gan__ready(t, ops[f.result].name, n, in)) return NULL;
    gan_tensor *out = gan__new(t, 4, shapes[f.result]);
    gan__buffer *work = out ? gan__scratch(t, gan__conv_workspace(g, f.result, t->threads)) : NULL;
    if (!work) return NULL;
    role[f.result] = out;
    gan__ending end = {b ? b->data : NULL, f.slope};
    gan__conv_run(g, f.result, role[0]->data, role[1]->data, role[2]->data, &end, work->data,
                  t->threads);
    gan__pool_release(&t->pool, work);
    t->flops = 2.0 * (double)(g->n * g->oh * g->ow) * (double)(g->k * g->kh * g->kw * g->c);
    return gan__record(t, &ops[f.result], out, n, in, &f, sizeof f);
}

static int64_t extent(int64_t size, int64_t kernel, int stride, int pad) {
    int64_t room = size + 2 * (int64_t)pad - kernel;
    return room < 0 ? 0 : room / stride + 1;
}

/* Checks ranks and the window; the sizes of x and w then give those of y. */
static int start(gan_tape *t, gan__conv_role result, gan_tensor *a, gan_tensor *b, gan_window g) {
    gan_tensor *in[] = {a, b};
    char sa[96], sb[96];
    const char *name = ops[result].name;
    if (!gan__ready(t, name, 2, in)) return 0;
    if (a->rank != 4 || b->rank != 4)
        gan__op_fail(t, GAN_ESHAPE, name, "both operands need rank 4, not %s and %s",
                     gan__shape_text(a, sa), gan__shape_text(b, sb));
    else if (!a->size || !b->size)
        gan__op_fail(t, GAN_ESHAPE, name, "an operand has no elements: %s and %s",
                     gan__shape_text(a, sa), gan__shape_text(b, sb));
    else if (g.stride_h < 1 || g.stride_w < 1 || g.pad_h < 0 || g.pad_w < 0 || g.stride_h > MOST ||
             g.stride_w > MOST || g.pad_h > MOST || g.pad_w > MOST)
        gan__op_fail(t, GAN_EINVAL, name, "stride %dx%d and padding %dx%d are out of range",
                     g.stride_h, g.stride_w, g.pad_h, g.pad_w);
    return !t->error.code;
}

static form make_form(const gan_tape *t, gan__conv_role result, gan_window g, const int64_t *x,
                      const int64_t *w) {
    gan__conv c = {.method = (gan__conv_method)t->conv_method,
                   .n = x[0],
                   .h = x[1],
                   .w = x[2],
                   .c = x[3],
                   .k = w[0],
                   .kh = w[1],
                   .kw = w[2]};
    c.sh = g.stride_h, c.sw = g.stride_w, c.ph = g.pad_h, c.pw = g.pad_w;
    c.oh = extent(c.h, c.kh, g.stride_h, g.pad_h);
    c.ow = extent(c.w, c.kw, g.stride_w, g.pad_w);
    return (form){c, result, 1};
}

gan_tensor *gan__conv2d_leaky(gan_tape *t, gan_tensor *x, gan_tensor *w, gan_tensor *b,
                              gan_window g, double slope) {
    if (!start(t, GAN__CONV_Y, x, w, g)) return NULL;
    form f = make_form(t, GAN__CONV_Y, g, x->dim, w->dim);
    char sx[96], sw[96], sb[96];
    if (b && (b->rank != 1 || b->dim[0] != w->dim[0]))
        return gan__op_fail(t, GAN_ESHAPE, "conv2d", "the bias %s is not for w %s",
                            gan__shape_text(b, sb), gan__shape_text(w, sw));
    if (x->dim[3] != w->dim[3])
        return gan__op_fail(t, GAN_ESHAPE, "conv2d",
                            "x has %lld channels, w expects %lld (x %s, w %s)",
                            (long long)x->dim[3], (long long)w->dim[3], gan__shape_text(x, sx),
                            gan__shape_text(w, sw));
    if (f.g.oh < 1 || f.g.ow < 1)
        return gan__op_fail(t, GAN_ESHAPE, "conv2d", "the kernel of w %s does not fit into x %s",
                            gan__shape_text(w, sw), gan__shape_text(x, sx));
    f.slope = slope;
    return apply(t, f, x, w, NULL, b);
}

gan_tensor *gan_conv2d(gan_tape *t, gan_tensor *x, gan_tensor *w, gan_window g) {
    return gan__conv2d_leaky(t, x, w, NULL, g, 1);
}

gan_tensor *gan_conv2d_input(gan_tape *t, gan_tensor *y, gan_tensor *w, gan_window g,
                             int64_t height, int64_t width) {
    if (!start(t, GAN__CONV_X, y, w, g)) return NULL;
    const int64_t x[4] = {y->dim[0], height, width, w->dim[3]};
    form f = make_form(t, GAN__CONV_X, g, x, w->dim);
    char sy[96], sw[96];
    if (y->dim[3] != w->dim[0])
        return gan__op_fail(t, GAN_ESHAPE, "conv2d_input",
                            "y has %lld channels, w expects %lld (y %s, w %s)",
                            (long long)y->dim[3], (long long)w->dim[0], gan__shape_text(y, sy),
                            gan__shape_text(w, sw));
    if (height < 1 || width < 1 || f.g.oh != y->dim[1] || f.g.ow != y->dim[2])
        return gan__op_fail(
            t, GAN_ESHAPE, "conv2d_input", "y %s and w %s do not give an image of %lldx%lld",
            gan__shape_text(y, sy), gan__shape_text(w, sw), (long long)height, (long long)width);
    return apply(t, f, NULL, w, y, NULL);
}

gan_tensor *gan_conv2d_weight(gan_tape *t, gan_tensor *x, gan_tensor *y, gan_window g, int64_t kh,
                              int64_t kw) {
    if (!start(t, GAN__CONV_W, x, y, g)) return NULL;
    const int64_t w[4] = {y->dim[3], kh, kw, x->dim[3]};
    form f = make_form(t, GAN__CONV_W, g, x->dim, w);
    char sx[96], sy[96];
    if (kh < 1 || kw < 1 || x->dim[0] != y->dim[0] || f.g.oh != y->dim[1] || f.g.ow != y->dim[2])
        return gan__op_fail(
            t, GAN_ESHAPE, "conv2d_weight", "x %s and y %s do not give a kernel of %lldx%lld",
            gan__shape_text(x, sx), gan__shape_text(y, sy), (long long)kh, (long long)kw);
    return apply(t, f, x, NULL, y, NULL);
}

gan_tensor *gan_conv_transpose2d(gan_tape *t, gan_tensor *y, gan_tensor *w, gan_window g,
                                 int output_pad) {
    if (!start(t, GAN__CONV_X, y, w, g)) return NULL;
    int64_t height = (y->dim[1] - 1) * g.stride_h - 2 * (int64_t)g.pad_h + w->dim[1] + output_pad;
    int64_t width = (y->dim[2] - 1) * g.stride_w - 2 * (int64_t)g.pad_w + w->dim[2] + output_pad;
    return gan_conv2d_input(t, y, w, g, height, width);
}
