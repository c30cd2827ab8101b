/* SPDX-License-Identifier: MIT
 *
 * A generator of images over one image, whole or in tiles. */
#include <string.h>

#include "base/error.h"
#include "gan/sampler.h"
#include "tensor/internal.h"

/* What is read and written. */
typedef struct picture {
    gan_generator *g;
    const gan_network_config *c;
    const gan_real *source;
    int64_t h, w; /* of the source */
    gan_real *out;
    int back;
} picture;

/* A part [from, to) of an axis, and the part of it that is seen. */
typedef struct span {
    int64_t from, to, seen_from, seen_to;
} span;

static span make_span(int64_t from, int64_t tile, int64_t halo, int64_t size) {
    span s = {from, from + tile < size ? from + tile : size, 0, size};
    if (from > halo) s.seen_from = from - halo;
    if (size - s.to > halo) s.seen_to = s.to + halo;
    return s;
}

/* rows of `row` elements each from one stride to another. */
static void copy(int64_t rows, int64_t row, const gan_real *from, int64_t from_stride, gan_real *to,
                 int64_t to_stride) {
    for (int64_t i = 0; i < rows; i++)
        memcpy(to + i * to_stride, from + i * from_stride, (size_t)row * sizeof *to);
}

static void run(gan_tape *t, const picture *p, span y, span x) {
    const gan_pass eval = {.back = p->back};
    const gan_network_config *c = p->c;
    int64_t sh = c->height / c->source_height, sw = c->width / c->source_width;
    int64_t h = y.seen_to - y.seen_from, w = x.seen_to - x.seen_from, k = c->source_channels;
    gan_tape_reset(t);
    gan_tape_record(t, 0);
    gan_tensor *in = gan_input(t, 4, (int64_t[]){1, h, w, k}, NULL);
    if (in)
        copy(h, w * k, p->source + (y.seen_from * p->w + x.seen_from) * k, p->w * k,
             gan_tensor_edit(in), w * k);
    const gan_tensor *image = gan_generator_forward(t, p->g, in, NULL, &eval);
    if (!image) return;
    const gan_real *from = gan_tensor_data(image);
    from += ((y.from - y.seen_from) * sh * w + (x.from - x.seen_from)) * sw * c->channels;
    copy((y.to - y.from) * sh, (x.to - x.from) * sw * c->channels, from, w * sw * c->channels,
         p->out + (y.from * sh * p->w + x.from) * sw * c->channels, p->w * sw * c->channels);
}

static gan_status check(const gan_network_config *c, int64_t h, int64_t w, int64_t tile,
                        int64_t halo, int back, gan_error *err) {
    if (!c->source_channels)
        return gan__fail(err, GAN_EINVAL,
                         "the generator makes images of latent vectors, not of images");
    if (back && !c->twin)
        return gan__fail(err, GAN_EINVAL, "the generator knows the way there alone, not back");
    if (h < 1 || w < 1 || tile < 0 || halo < 0 || c->height % c->source_height ||
        c->width % c->source_width)
        return gan__fail(err, GAN_EINVAL,
                         "an image of %lldx%lld in tiles of %lld with a halo of %lld", (long long)h,
                         (long long)w, (long long)tile, (long long)halo);
    return GAN_OK;
}

gan_status gan_apply(gan_generator *g, const gan_real *source, int64_t h, int64_t w, int64_t tile,
                     int64_t halo, int back, gan_real *out, int threads, gan_error *err) {
    const picture p = {g, gan_generator_config(g), source, h, w, out, back};
    gan_status s = check(p.c, h, w, tile, halo, back, err);
    if (s) return s;
    int64_t th = tile ? tile : h, tw = tile ? tile : w;
    gan_tape *t = gan_tape_create(threads);
    if (!t) return gan__fail_memory(err);
    for (int64_t i = 0; i < h && !s; i += th)
        for (int64_t j = 0; j < w && !s; j += tw) {
            run(t, &p, make_span(i, th, halo, h), make_span(j, tw, halo, w));
            s = gan__tape_failed(t, err);
        }
    gan_tape_free(t);
    return s;
}
