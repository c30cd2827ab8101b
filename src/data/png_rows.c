/* SPDX-License-Identifier: MIT
 *
 * PNG: from the compressed stream to pixels, one row at a time. */
#include "data/png.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* --- the stream: all IDAT chunks as one --- */

typedef struct stream {
    gan__bytes file;
    z_stream z;
    size_t at; /* the next chunk */
} stream;

/* 0: the chunk at s->at is no IDAT. png.c has checked that its length and sum are right. */
static int next_chunk(stream *s) {
    if (s->file.size - s->at < 12) return 0;
    const uint8_t *c = s->file.data + s->at;
    size_t n = gan__be32(c);
    if (memcmp(c + 4, "IDAT", 4) || n > s->file.size - s->at - 12) return 0;
    s->z.next_in = (z_const Bytef *)c + 8;
    s->z.avail_in = (uInt)n;
    s->at += n + 12;
    return 1;
}

static gan_status pull(stream *s, uint8_t *row, size_t n, gan_error *err) {
    s->z.next_out = row;
    s->z.avail_out = (uInt)n;
    while (s->z.avail_out) {
        while (!s->z.avail_in)
            if (!next_chunk(s))
                return gan__fail(err, GAN_EFORMAT, "the PNG's picture ends too early");
        int state = inflate(&s->z, Z_NO_FLUSH);
        if (state == Z_MEM_ERROR) return gan__fail_memory(err);
        if (state == Z_STREAM_END && s->z.avail_out)
            return gan__fail(err, GAN_EFORMAT, "the PNG's picture ends too early");
        if (state != Z_OK && state != Z_STREAM_END)
            return gan__fail(err, GAN_EFORMAT, "the PNG's compressed data is damaged");
    }
    return GAN_OK;
}

/* --- filters, section 9 of the specification --- */

static uint8_t paeth(int a, int b, int c) {
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* cur[0..n) in place; up is the row above (zeros at the top); the pixel to the left is `bpp` bytes
 * before. 0: no such filter. */
static int unfilter(int filter, uint8_t *cur, const uint8_t *up, size_t n, size_t bpp) {
    size_t i = 0;
    switch (filter) {
    case 0:
        return 1;
    case 1:
        for (i = bpp; i < n; i++) cur[i] = (uint8_t)(cur[i] + cur[i - bpp]);
        return 1;
    case 2:
        for (; i < n; i++) cur[i] = (uint8_t)(cur[i] + up[i]);
        return 1;
    case 3:
        for (; i < bpp && i < n; i++) cur[i] = (uint8_t)(cur[i] + up[i] / 2);
        for (; i < n; i++) cur[i] = (uint8_t)(cur[i] + (cur[i - bpp] + up[i]) / 2);
        return 1;
    case 4:
        for (; i < bpp && i < n; i++) cur[i] = (uint8_t)(cur[i] + up[i]);
        for (; i < n; i++) cur[i] = (uint8_t)(cur[i] + paeth(cur[i - bpp], up[i], up[i - bpp]));
        return 1;
    default:
        return 0;
    }
}

/* --- samples to bytes --- */

/* 0..65535 to 0..255: v / 257, rounded to nearest. */
static uint8_t from16(unsigned v) {
    return (uint8_t)((v * 255 + 32895) >> 16);
}

static unsigned small_sample(const uint8_t *row, size_t i, unsigned depth) {
    size_t bit = i * depth;
    return (unsigned)row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
}

static void palette_row(const gan__png *p, const uint8_t *row, uint8_t *out, size_t w,
                        size_t step) {
    size_t channels = p->has_alpha ? 4 : 3;
    for (size_t x = 0; x < w; x++, out += step)
        memcpy(out, p->palette[small_sample(row, x, (unsigned)p->depth)], channels);
}

static void grey_row(const gan__png *p, const uint8_t *row, uint8_t *out, size_t w, size_t step) {
    unsigned depth = (unsigned)p->depth, scale = 255 / ((1u << depth) - 1);
    for (size_t x = 0; x < w; x++, out += step) {
        unsigned v = small_sample(row, x, depth);
        out[0] = (uint8_t)(v * scale);
        if (p->has_key) out[1] = v == p->key[0] ? 0 : 255;
    }
}

static void bytes_row(const gan__png *p, const uint8_t *row, uint8_t *out, size_t w, size_t step) {
    size_t n = (size_t)gan__png_samples(p);
    for (size_t x = 0; x < w; x++, out += step, row += n) {
        for (size_t c = 0; c < n; c++) out[c] = row[c];
        if (p->has_key)
            out[n] =
                row[0] == p->key[0] && row[n / 2] == p->key[n / 2] && row[n - 1] == p->key[n - 1]
                    ? 0
                    : 255;
    }
}

static void words_row(const gan__png *p, const uint8_t *row, uint8_t *out, size_t w, size_t step) {
    size_t n = (size_t)gan__png_samples(p);
    for (size_t x = 0; x < w; x++, out += step, row += 2 * n) {
        int same = 1;
        for (size_t c = 0; c < n; c++) {
            unsigned v = gan__be16(row + 2 * c);
            out[c] = from16(v);
            if (p->has_key && v != p->key[c]) same = 0;
        }
        if (p->has_key) out[n] = same ? 0 : 255;
    }
}

/* w stored pixels to out, each `step` bytes after the last. */
static void unpack(const gan__png *p, const uint8_t *row, uint8_t *out, size_t w, size_t step) {
    if (p->colour == GAN__PNG_PALETTE)
        palette_row(p, row, out, w, step);
    else if (p->depth == 16)
        words_row(p, row, out, w, step);
    else if (p->depth == 8)
        bytes_row(p, row, out, w, step);
    else
        grey_row(p, row, out, w, step);
}

/* --- passes --- */

/* Where a pass has its pixels: columns x0, x0 + dx, ..., rows y0, y0 + dy, ... */
typedef struct pass {
    int x0, y0, dx, dy;
} pass;

static const pass whole[1] = {{0, 0, 1, 1}};
static const pass adam7[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                              {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

/* buffers[2]: rows with a filter byte before them. */
static gan_status decode_pass(const gan__png *p, stream *s, const pass *q, uint8_t *buffers[2],
                              gan__picture *out, gan_error *err) {
    int w = (p->width - q->x0 + q->dx - 1) / q->dx;
    if (p->width <= q->x0 || p->height <= q->y0) return GAN_OK;
    size_t n = gan__png_row_bytes(p, w), channels = (size_t)out->channels;
    size_t bpp = ((size_t)(gan__png_samples(p) * p->depth) + 7) / 8;
    memset(buffers[1], 0, n + 1);
    for (int y = q->y0, odd = 0; y < p->height; y += q->dy, odd = !odd) {
        uint8_t *cur = buffers[odd], *up = buffers[!odd];
        gan_status status = pull(s, cur, n + 1, err);
        if (status) return status;
        if (!unfilter(cur[0], cur + 1, up + 1, n, bpp))
            return gan__fail(err, GAN_EFORMAT, "the PNG has a row with unknown filter %d", cur[0]);
        size_t first = (size_t)y * (size_t)p->width + (size_t)q->x0;
        unpack(p, cur + 1, out->pixels + first * channels, (size_t)w, (size_t)q->dx * channels);
    }
    return GAN_OK;
}

gan_status gan__png_rows(const gan__png *p, gan__picture *out, gan_error *err) {
    size_t n = gan__png_row_bytes(p, p->width) + 1;
    uint8_t *memory = gan__alloc(2, n);
    stream s = {.file = p->file, .z = gan__z_stream(), .at = p->idat};
    if (!memory || inflateInit(&s.z) != Z_OK) {
        gan__free(memory);
        return gan__fail_memory(err);
    }
    uint8_t *buffers[2] = {memory, memory + n};
    const pass *passes = p->interlaced ? adam7 : whole;
    gan_status status = GAN_OK;
    for (int i = 0; i < (p->interlaced ? 7 : 1) && !status; i++)
        status = decode_pass(p, &s, &passes[i], buffers, out, err);
    inflateEnd(&s.z);
    gan__free(memory);
    return status;
}
