/* SPDX-License-Identifier: MIT
 *
 * BMP, decoded by stb_image after a check of the head. stb takes missing rows for black and colours
 * beyond the palette from whatever its stack holds: such files are refused here. */
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FILE_HEADER 14
#define OS2_HEADER 12

typedef struct bmp {
    size_t offset; /* of the pixels */
    uint32_t header;
    int64_t width, height;
    unsigned bits, compression;
    size_t row, need; /* bytes of a row with its padding, and of all rows without the last's */
} bmp;

static int known_header(uint32_t n) {
    return n == OS2_HEADER || n == 40 || n == 56 || n == 108 || n == 124;
}

static int known_depth(unsigned bits) {
    return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

static void parse(gan__bytes f, bmp *b) {
    const uint8_t *p = f.data;
    b->offset = gan__le32(p + 10);
    b->header = gan__le32(p + 14);
    if (b->header == OS2_HEADER) {
        b->width = gan__le16(p + 18);
        b->height = gan__le16(p + 20);
        b->bits = gan__le16(p + 24);
    } else if (f.size >= FILE_HEADER + 40) {
        b->width = (int32_t)gan__le32(p + 18);
        b->height = llabs((int64_t)(int32_t)gan__le32(p + 22)); /* negative: rows from the top */
        b->bits = gan__le16(p + 28);
        b->compression = gan__le32(p + 30);
    }
}

static gan_status check(gan__bytes f, bmp *b, const gan_image_options *o, gan_error *err) {
    if (f.size < FILE_HEADER + OS2_HEADER)
        return gan__fail(err, GAN_EFORMAT, "the BMP is truncated");
    parse(f, b);
    if (!known_header(b->header))
        return gan__fail(err, GAN_EUNSUPPORTED, "BMP with a header of %u bytes", b->header);
    gan_status s = gan__check_sides(b->width, b->height, o, err);
    if (s) return s;
    if (!known_depth(b->bits))
        return gan__fail(err, GAN_EUNSUPPORTED, "BMP with %u bits a pixel", b->bits);
    if (b->compression == 1 || b->compression == 2)
        return gan__fail(err, GAN_EUNSUPPORTED, "BMP with run-length compression");
    size_t row_bits = (size_t)b->width * b->bits;
    b->row = (row_bits + 31) / 32 * 4;
    b->need = b->row * (size_t)(b->height - 1) + (row_bits + 7) / 8;
    if (b->offset > f.size || b->need > f.size - b->offset)
        return gan__fail(err, GAN_EFORMAT,
                         "the BMP is truncated: %lld x %lld pixels need %zu bytes",
                         (long long)b->width, (long long)b->height, b->need);
    return GAN_OK;
}

/* The palette's length as stb computes it (for the OS/2 header 4 entries too few). */
static int palette_length(const bmp *b) {
    int64_t room = (int64_t)b->offset - FILE_HEADER;
    return (int)(b->header == OS2_HEADER ? (room - 24) / 3 : (room - b->header) / 4);
}

static int highest_index(gan__bytes f, const bmp *b) {
    unsigned highest = 0, mask = (1u << b->bits) - 1, per_byte = 8 / b->bits;
    for (size_t y = 0; y < (size_t)b->height; y++) {
        const uint8_t *row = f.data + b->offset + y * b->row;
        for (size_t x = 0; x < (size_t)b->width; x++) {
            unsigned shift = (unsigned)(8 - b->bits * (x % per_byte + 1));
            unsigned index = (unsigned)row[x / per_byte] >> shift & mask;
            if (index > highest) highest = index;
        }
    }
    return (int)highest;
}

static gan_status check_palette(gan__bytes f, const bmp *b, gan_error *err) {
    int n = palette_length(b);
    if (n < 1 || n > 256) return gan__fail(err, GAN_EFORMAT, "the BMP's palette is damaged");
    if (n >> b->bits || highest_index(f, b) < n) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "the BMP uses colours that its palette of %d lacks", n);
}

gan_status gan__bmp_decode(gan__bytes file, const gan_image_options *o, gan__picture *out,
                           gan_error *err) {
    bmp b = {0};
    gan_status s = check(file, &b, o, err);
    if (!s && b.bits < 16) s = check_palette(file, &b, err);
    if (s) return s;
    out->width = (int)b.width;
    out->height = (int)b.height;
    return gan__decode_with_stb(file, o, (size_t)b.width * (size_t)b.height, out, err);
}
