/* SPDX-License-Identifier: MIT
 *
 * PNG: the chunks. Not by stb_image, which holds the picture two or three times (16 bits of four
 * channels: 24 bytes a pixel), checks no checksum, and takes colours beyond the palette from
 * uninitialised memory. Here zlib inflates row by row into the result, which is all the memory that
 * grows with the picture.
 *
 * W3C, Portable Network Graphics (PNG) Specification, second edition. */
#include "data/png.h"

#include <string.h>

#include "base/error.h"

#define TAG(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

int gan__png_samples(const gan__png *p) {
    static const int samples[7] = {1, 0, 3, 1, 2, 0, 4};
    return samples[p->colour];
}

size_t gan__png_row_bytes(const gan__png *p, int width) {
    return ((size_t)width * (size_t)(gan__png_samples(p) * p->depth) + 7) / 8;
}

/* Bit d of an entry: depth d is allowed for that colour type. */
static int known_depth(int colour, int depth) {
    static const unsigned depths[7] = {1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
                                       0,
                                       1u << 8 | 1u << 16,
                                       1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
                                       1u << 8 | 1u << 16,
                                       0,
                                       1u << 8 | 1u << 16};
    return colour <= 6 && depth <= 16 && depths[colour] >> depth & 1;
}

static gan_status head(gan__png *p, const uint8_t *d, size_t n, const gan_image_options *o,
                       gan_error *err) {
    if (n != 13 || p->width) return gan__fail(err, GAN_EFORMAT, "the PNG's header is damaged");
    gan_status s = gan__check_sides(gan__be32(d), gan__be32(d + 4), o, err);
    if (s) return s;
    p->width = (int)gan__be32(d);
    p->height = (int)gan__be32(d + 4);
    p->depth = d[8];
    p->colour = d[9];
    p->interlaced = d[12];
    if (!known_depth(p->colour, p->depth))
        return gan__fail(err, GAN_EFORMAT, "the PNG has colour type %d with %d bits", p->colour,
                         p->depth);
    if (d[10] || d[11] || d[12] > 1)
        return gan__fail(err, GAN_EFORMAT,
                         "the PNG has an unknown compression, filter or interlace");
    return GAN_OK;
}

static gan_status palette(gan__png *p, const uint8_t *d, size_t n, gan_error *err) {
    if (p->idat || p->has_palette || !n || n % 3 || n > 768)
        return gan__fail(err, GAN_EFORMAT, "the PNG's palette is damaged");
    for (size_t i = 0; i < n; i++) p->palette[i / 3][i % 3] = d[i];
    p->has_palette = 1;
    return GAN_OK;
}

/* A damaged tRNS is as good as none: readers differ, and the colours are right anyway. */
static void transparency(gan__png *p, const uint8_t *d, size_t n) {
    size_t samples = (size_t)gan__png_samples(p);
    if (p->idat) return;
    if (p->colour == GAN__PNG_PALETTE && n <= 256) {
        for (size_t i = 0; i < n; i++) p->palette[i][3] = d[i];
        p->has_alpha = 1;
    } else if ((p->colour == GAN__PNG_GREY || p->colour == GAN__PNG_RGB) && n == 2 * samples) {
        unsigned mask = (1u << p->depth) - 1; /* of shallower samples the low bits count */
        for (size_t i = 0; i < samples; i++) p->key[i] = gan__be16(d + 2 * i) & mask;
        p->has_key = 1;
    }
}

static gan_status chunk(gan__png *p, uint32_t tag, size_t at, size_t n, const gan_image_options *o,
                        gan_error *err) {
    const uint8_t *d = p->file.data + at + 8;
    if (tag == TAG('C', 'g', 'B', 'I'))
        return gan__fail(err, GAN_EUNSUPPORTED, "Apple's CgBI variant of PNG");
    if (tag == TAG('I', 'H', 'D', 'R')) return head(p, d, n, o, err);
    if (!p->width) return gan__fail(err, GAN_EFORMAT, "the PNG does not begin with its header");
    if (tag == TAG('P', 'L', 'T', 'E')) return palette(p, d, n, err);
    if (tag == TAG('t', 'R', 'N', 'S')) {
        transparency(p, d, n);
    } else if (tag == TAG('e', 'X', 'I', 'f')) {
        p->orientation = gan__exif_orientation(d, n);
    } else if (tag == TAG('I', 'D', 'A', 'T')) {
        if (!p->idat) p->idat = at;
        p->idat_size += n;
    } else if (!(tag >> 24 & 0x20)) {
        return gan__fail(err, GAN_EUNSUPPORTED, "the PNG has an unknown critical chunk");
    }
    return GAN_OK;
}

/* Sums are right, or it is a chunk that one can do without: *skip. */
static gan_status checksum(const uint8_t *c, size_t n, int *skip, gan_error *err) {
    int optional = c[4] & 0x20;
    *skip = crc32(0, c + 4, (uInt)n + 4) != gan__be32(c + 8 + n);
    if (!*skip || optional) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "the PNG is damaged: wrong checksum of chunk %.4s",
                     (const char *)c + 4);
}

/* Up to IEND; the last chunk may lack what follows the pixels. */
static gan_status chunks(gan__png *p, const gan_image_options *o, gan_error *err) {
    const uint8_t *d = p->file.data;
    for (size_t at = 8, n = 0; p->file.size - at >= 12; at += n + 12) {
        uint32_t tag = gan__be32(d + at + 4);
        n = gan__be32(d + at);
        if (tag == TAG('I', 'E', 'N', 'D')) return GAN_OK;
        if (n > p->file.size - at - 12) break;
        for (int i = 4; i < 8; i++)
            if ((d[at + (size_t)i] | 0x20) < 'a' || (d[at + (size_t)i] | 0x20) > 'z')
                return gan__fail(err, GAN_EFORMAT, "the PNG has a chunk without a name");
        int skip;
        gan_status s = checksum(d + at, n, &skip, err);
        if (!s && !skip) s = chunk(p, tag, at, n, o, err);
        if (s) return s;
        if (p->file.size - at - n - 12 < 12 && p->idat) return GAN_OK;
    }
    return gan__fail(err, GAN_EFORMAT, "the PNG is truncated");
}

static gan_status check(const gan__png *p, gan_error *err) {
    if (!p->idat) return gan__fail(err, GAN_EFORMAT, "the PNG holds no picture");
    if (p->colour == GAN__PNG_PALETTE && !p->has_palette)
        return gan__fail(err, GAN_EFORMAT, "the PNG lacks its palette");
    uint64_t least = (uint64_t)gan__png_row_bytes(p, p->width) * (uint64_t)p->height;
    if (least / GAN__DEFLATE_MAX_RATIO > p->idat_size)
        return gan__fail(err, GAN_EFORMAT, "%d x %d pixels cannot be in %llu bytes of PNG",
                         p->width, p->height, (unsigned long long)p->idat_size);
    return GAN_OK;
}

gan_status gan__png_decode(gan__bytes file, const gan_image_options *o, gan__picture *out,
                           gan_error *err) {
    gan__png p = {.file = file, .orientation = 1};
    for (int i = 0; i < 256; i++) p.palette[i][3] = 255;
    gan_status s = chunks(&p, o, err);
    if (!s) s = check(&p, err);
    if (s) return s;
    int colour = p.colour & 2, alpha = p.colour & 4 || p.has_alpha || p.has_key;
    out->width = p.width;
    out->height = p.height;
    out->channels = (colour ? 3 : 1) + (alpha ? 1 : 0);
    out->orientation = p.orientation;
    s = gan__picture_alloc(out, err);
    return s ? s : gan__png_rows(&p, out, err);
}
