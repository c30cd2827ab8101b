/* SPDX-License-Identifier: MIT
 *
 * Resizing and padding are linear, and constant but for their sizes. Each is one of a pair with its
 * adjoint, which is the derivative of the other. */
#include "kernel/stretch.h"

#include "gan/resample.h"
#include "tensor/internal.h"

static gan_tensor *apply(gan_tape *t, gan_tensor *x, const gan__stretch *s, int adjoint);

static void vjp(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need, gan_tensor **gx) {
    (void)need;
    gx[0] = apply(t, gy, n->attr, 1);
}

static void vjp_adjoint(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                        gan_tensor **gx) {
    (void)need;
    gx[0] = apply(t, gy, n->attr, 0);
}

static const gan__op pad_ops[2] = {{"pad_image", vjp}, {"pad_image adjoint", vjp_adjoint}},
                     resize_ops[2] = {{"resize_bilinear", vjp},
                                      {"resize_bilinear adjoint", vjp_adjoint}};

static gan_tensor *apply(gan_tape *t, gan_tensor *x, const gan__stretch *s, int adjoint) {
    const gan__op *op = &(s->kind == GAN__STRETCH_BILINEAR ? resize_ops : pad_ops)[adjoint];
    if (!gan__ready(t, op->name, 1, &x)) return NULL;
    int64_t h = adjoint ? s->rows.from : s->rows.to;
    int64_t w = adjoint ? s->columns.from : s->columns.to;
    gan_tensor *y = gan__new(t, 4, (const int64_t[]){s->n, h, w, s->c});
    gan__buffer *work = y ? gan__scratch(t, gan__stretch_workspace(s, t->threads)) : NULL;
    if (!work) return NULL;
    gan__stretch_run(s, adjoint, x->data, y->data, work->data, t->threads);
    gan__pool_release(&t->pool, work);
    return gan__record(t, op, y, 1, &x, s, sizeof *s);
}

/* 1 if x is images with pixels. */
static int images(gan_tape *t, const char *name, gan_tensor *x) {
    char text[96];
    if (!gan__ready(t, name, 1, &x)) return 0;
    if (x->rank != 4 || x->dim[1] < 1 || x->dim[2] < 1)
        gan__op_fail(t, GAN_ESHAPE, name, "x %s is not [N,H,W,C]", gan__shape_text(x, text));
    return !t->error.code;
}

gan_tensor *gan_resize_bilinear(gan_tape *t, gan_tensor *x, int64_t oh, int64_t ow) {
    const char *name = resize_ops[0].name;
    if (!images(t, name, x)) return NULL;
    if (oh < 1 || ow < 1)
        return gan__op_fail(t, GAN_ESHAPE, name, "an image of %lldx%lld has no pixels",
                            (long long)oh, (long long)ow);
    gan__stretch s = {.kind = GAN__STRETCH_BILINEAR, .n = x->dim[0], .c = x->dim[3]};
    s.rows = (gan__stretch_axis){x->dim[1], oh, 0};
    s.columns = (gan__stretch_axis){x->dim[2], ow, 0};
    return apply(t, x, &s, 0);
}

/* Can an axis of `size` pixels be padded so? */
static int fits(int64_t size, int64_t before, int64_t after, gan_pad_mode mode) {
    int64_t most = mode == GAN_PAD_REFLECT ? size - 1 : INT64_C(1) << 40;
    return before >= 0 && after >= 0 && before <= most && after <= most;
}

gan_tensor *gan_pad_image(gan_tape *t, gan_tensor *x, int64_t top, int64_t bottom, int64_t left,
                          int64_t right, gan_pad_mode mode) {
    static const gan__stretch_kind kinds[] = {GAN__STRETCH_ZERO, GAN__STRETCH_REFLECT,
                                              GAN__STRETCH_REPLICATE};
    const char *name = pad_ops[0].name;
    char text[96];
    if (!images(t, name, x)) return NULL;
    if ((unsigned)mode > GAN_PAD_REPLICATE)
        return gan__op_fail(t, GAN_EINVAL, name, "%d is no mode", (int)mode);
    int64_t h = x->dim[1], w = x->dim[2];
    if (!fits(h, top, bottom, mode) || !fits(w, left, right, mode))
        return gan__op_fail(t, GAN_ESHAPE, name,
                            "x %s cannot be padded by %lld,%lld rows and "
                            "%lld,%lld columns%s",
                            gan__shape_text(x, text), (long long)top, (long long)bottom,
                            (long long)left, (long long)right,
                            mode == GAN_PAD_REFLECT ? ": it has too few to reflect" : "");
    gan__stretch s = {.kind = kinds[mode], .n = x->dim[0], .c = x->dim[3]};
    s.rows = (gan__stretch_axis){h, top + h + bottom, top};
    s.columns = (gan__stretch_axis){w, left + w + right, left};
    return apply(t, x, &s, 0);
}
