/* SPDX-License-Identifier: MIT
 *
 * PNM, P1 to P6. Not by stb_image: it reads only P5 and P6, ignores the greatest value, and swaps
 * the bytes of 16-bit samples. */
#include "data/format.h"

#include "base/error.h"
#include "base/memory.h"

typedef struct pnm {
    gan__bytes file;
    size_t at;
    int kind; /* 1 to 6 */
    unsigned greatest;
} pnm;

static int space(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Skips white space and comments, which run from # to the end of the line. */
static void skip(pnm *p) {
    const uint8_t *d = p->file.data;
    for (int comment = 0; p->at < p->file.size; p->at++) {
        if (d[p->at] == '#') comment = 1;
        if (comment ? d[p->at] == '\n' : !space(d[p->at])) comment = 0;
        if (!comment && !space(d[p->at])) return;
    }
}

/* A decimal number of at most 9 digits; -1: there is none. */
static int64_t number(pnm *p) {
    int64_t v = 0;
    int digits = 0;
    for (skip(p); p->at < p->file.size; p->at++, digits++) {
        int c = p->file.data[p->at];
        if (c < '0' || c > '9') break;
        if (digits == 9) return -1;
        v = v * 10 + (c - '0');
    }
    return digits ? v : -1;
}

static int channels_of(int kind) {
    return kind == 3 || kind == 6 ? 3 : 1;
}

static size_t sample_bytes(const pnm *p) {
    return p->greatest > 255 ? 2 : 1;
}

/* The least that so many rows take; a plain sample is a digit, with white space between unless it
 * is a bit. */
static uint64_t least_size(const pnm *p, int64_t w, int64_t h) {
    uint64_t samples = (uint64_t)w * (uint64_t)h * (uint64_t)channels_of(p->kind);
    if (p->kind == 1) return samples;
    if (p->kind < 4) return 2 * samples - 1;
    if (p->kind == 4) return (uint64_t)((w + 7) / 8) * (uint64_t)h;
    return samples * sample_bytes(p);
}

static gan_status head(pnm *p, const gan_image_options *o, gan__picture *out, gan_error *err) {
    p->kind = p->file.data[1] - '0';
    p->at = 2;
    int64_t w = number(p), h = number(p), greatest = p->kind % 3 == 1 ? 1 : number(p);
    if (w < 0 || h < 0 || greatest < 1 || greatest > 65535 || p->at >= p->file.size)
        return gan__fail(err, GAN_EFORMAT, "the PNM's head is damaged");
    gan_status s = gan__check_sides(w, h, o, err);
    if (s) return s;
    p->greatest = (unsigned)greatest;
    if (p->kind >= 4) p->at++; /* one white space, then the samples */
    if (least_size(p, w, h) > p->file.size - p->at)
        return gan__fail(err, GAN_EFORMAT, "the PNM is truncated: %lld x %lld pixels, %zu bytes",
                         (long long)w, (long long)h, p->file.size - p->at);
    out->width = (int)w;
    out->height = (int)h;
    out->channels = channels_of(p->kind);
    return GAN_OK;
}

static uint8_t scaled(const pnm *p, unsigned v) {
    if (v > p->greatest) v = p->greatest;
    return (uint8_t)((v * 255 + p->greatest / 2) / p->greatest);
}

static void raw(const pnm *p, uint8_t *out, size_t count) {
    const uint8_t *s = p->file.data + p->at;
    if (sample_bytes(p) == 2)
        for (size_t i = 0; i < count; i++) out[i] = scaled(p, gan__be16(s + 2 * i));
    else
        for (size_t i = 0; i < count; i++) out[i] = scaled(p, s[i]);
}

/* One bit a pixel, 1 is black, each row padded to bytes. */
static void bits(const pnm *p, const gan__picture *o) {
    size_t stride = ((size_t)o->width + 7) / 8, w = (size_t)o->width;
    for (size_t y = 0; y < (size_t)o->height; y++)
        for (size_t x = 0; x < w; x++) {
            unsigned byte = p->file.data[p->at + y * stride + x / 8];
            o->pixels[y * w + x] = byte >> (7 - x % 8) & 1 ? 0 : 255;
        }
}

/* The bits of P1 need no white space between them. */
static int64_t plain_sample(pnm *p) {
    if (p->kind != 1) return number(p);
    skip(p);
    if (p->at == p->file.size) return -1;
    int c = p->file.data[p->at++];
    return c == '0' ? 1 : c == '1' ? 0 : -1;
}

static gan_status plain(pnm *p, uint8_t *out, size_t count, gan_error *err) {
    for (size_t i = 0; i < count; i++) {
        int64_t v = plain_sample(p);
        if (v < 0 || v > (int64_t)p->greatest)
            return gan__fail(err, GAN_EFORMAT, "sample %zu of the PNM is missing or wrong", i);
        out[i] = scaled(p, (unsigned)v);
    }
    return GAN_OK;
}

gan_status gan__pnm_decode(gan__bytes file, const gan_image_options *o, gan__picture *out,
                           gan_error *err) {
    pnm p = {.file = file};
    gan_status s = head(&p, o, out, err);
    if (!s) s = gan__picture_alloc(out, err);
    if (s) return s;
    size_t count = (size_t)out->width * (size_t)out->height * (size_t)out->channels;
    if (p.kind < 4) return plain(&p, out->pixels, count, err);
    if (p.kind == 4)
        bits(&p, out);
    else
        raw(&p, out->pixels, count);
    return GAN_OK;
}
