/* SPDX-License-Identifier: MIT */
#include "data/pixels.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/stb.h"

/* --- alpha --- */

static uint8_t over(unsigned v, unsigned alpha, unsigned behind) {
    return (uint8_t)((v * alpha + behind * (255 - alpha) + 127) / 255);
}

static uint8_t grey_of(const uint8_t *rgb) {
    return (uint8_t)((299u * rgb[0] + 587u * rgb[1] + 114u * rgb[2] + 500u) / 1000u);
}

void gan__composite(gan__picture *p, const uint8_t background[3]) {
    if (p->channels != 2 && p->channels != 4) return;
    size_t n = (size_t)p->width * (size_t)p->height, c = (size_t)p->channels - 1;
    uint8_t behind[3] = {background[0], background[1], background[2]};
    if (c == 1) behind[0] = grey_of(background);
    for (size_t i = 0; i < n; i++) {
        uint8_t *from = p->pixels + i * (c + 1), *to = p->pixels + i * c;
        unsigned alpha = from[c];
        const uint8_t *plain = alpha ? from : behind; /* of the two frequent cases */
        if (alpha % 255)
            for (size_t k = 0; k < c; k++) to[k] = over(from[k], alpha, behind[k]);
        else
            for (size_t k = 0; k < c; k++) to[k] = plain[k];
    }
    p->channels = (int)c;
}

/* --- the box that is kept --- */

typedef struct box {
    int x, y, w, h;
} box;

/* side * numerator / denominator, rounded, in [1, limit]. */
static int share(int side, int numerator, int denominator, int limit) {
    int64_t v = ((int64_t)side * numerator + denominator / 2) / denominator;
    return v < 1 ? 1 : v > limit ? limit : (int)v;
}

static int flips_x(int o) {
    return o == 2 || o == 3 || o == 7 || o == 8;
}

static int flips_y(int o) {
    return o == 3 || o == 4 || o == 6 || o == 7;
}

static int transposes(int o) {
    return o >= 5;
}

/* The largest box of the aspect ratio w : h in the middle of the picture as stored; an odd pixel is
 * left over on the side where it is once the picture has been turned. */
static box middle(const gan__picture *p, int w, int h) {
    box b = {0, 0, p->width, p->height};
    if ((int64_t)b.w * h > (int64_t)b.h * w)
        b.w = share(b.h, w, h, b.w);
    else
        b.h = share(b.w, h, w, b.h);
    int left_x = p->width - b.w, left_y = p->height - b.h;
    b.x = flips_x(p->orientation) ? left_x - left_x / 2 : left_x / 2;
    b.y = flips_y(p->orientation) ? left_y - left_y / 2 : left_y / 2;
    return b;
}

/* --- turning and converting --- */

/* Pixels as they lie in memory. */
typedef struct view {
    const uint8_t *pixels;
    size_t stride;
    int w, h, c;
} view;

static void convert(const uint8_t *in, int from, uint8_t *out, int to) {
    if (from == to)
        for (int k = 0; k < to; k++) out[k] = in[k];
    else if (to == 1)
        out[0] = grey_of(in);
    else
        out[0] = out[1] = out[2] = in[0];
}

/* Writes `in` upright: flipped as the orientation says, then perhaps transposed. */
static void place(view in, int o, uint8_t *out, int channels) {
    ptrdiff_t step = channels, row = (ptrdiff_t)in.w * channels;
    if (transposes(o)) step = (ptrdiff_t)in.h * channels, row = channels;
    if (flips_x(o)) out += (in.w - 1) * step, step = -step;
    if (flips_y(o)) out += (in.h - 1) * row, row = -row;
    for (int y = 0; y < in.h; y++) {
        const uint8_t *from = in.pixels + (size_t)y * in.stride;
        uint8_t *to = out + y * row;
        for (int x = 0; x < in.w; x++, from += in.c, to += step) convert(from, in.c, to, channels);
    }
}

gan_status gan__fit_into(const gan__picture *p, int height, int width, int channels, uint8_t *out,
                         gan_error *err) {
    int c = p->channels, o = p->orientation;
    int w = transposes(o) ? height : width, h = transposes(o) ? width : height;
    box b = middle(p, w, h);
    view v = {p->pixels, (size_t)p->width * (size_t)c, b.w, b.h, c};
    v.pixels += (size_t)b.y * v.stride + (size_t)(b.x * c);
    if (b.w == w && b.h == h) {
        place(v, o, out, channels);
        return GAN_OK;
    }
    uint8_t *resized = gan__alloc((size_t)w * (size_t)h, (size_t)c);
    int done = resized && gan__stb_resize(v.pixels, v.w, v.h, (int)v.stride, resized, w, h, c);
    if (done) place((view){resized, (size_t)(w * c), w, h, c}, o, out, channels);
    gan__free(resized);
    return done ? GAN_OK : gan__fail_memory(err);
}

/* At the size as stored the two pictures must fit in what decoding may use. */
static gan_status check_memory(const gan__picture *p, const gan_image_options *o, int channels,
                               gan_error *err) {
    size_t pixels = (size_t)p->width * (size_t)p->height, both = (size_t)(p->channels + channels);
    if (both <= 4 || pixels * (both - 4) <= o->memory_mib * 1024 * 1024) return GAN_OK;
    return gan__fail(err, GAN_EUNSUPPORTED,
                     "turning its %zu pixels needs more memory than 4 bytes "
                     "a pixel and %zu MiB; allow more, or ask for a smaller picture",
                     pixels, o->memory_mib);
}

gan_status gan__fit(gan__picture *p, const gan_image_options *o, gan_image *out, gan_error *err) {
    int across = transposes(p->orientation), channels = o->channels ? o->channels : p->channels;
    int as_stored = !o->width;
    *out = (gan_image){o->width, o->height, channels, NULL};
    if (as_stored) {
        out->width = across ? p->height : p->width;
        out->height = across ? p->width : p->height;
    }
    if (as_stored && p->orientation == 1 && p->channels == channels) {
        out->pixels = p->pixels;
        p->pixels = NULL;
        return GAN_OK;
    }
    gan_status s = as_stored ? check_memory(p, o, channels, err) : GAN_OK;
    if (s) return s;
    out->pixels = gan__alloc((size_t)out->height * (size_t)out->width, (size_t)channels);
    if (!out->pixels) return gan__fail_memory(err);
    return gan__fit_into(p, out->height, out->width, channels, out->pixels, err);
}
