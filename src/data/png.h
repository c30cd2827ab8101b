/* SPDX-License-Identifier: MIT
 *
 * data/png.h - what png.c (chunks) knows about a file and png_rows.c (pixels) decodes with. */
#ifndef GAN_DATA_PNG_H
#define GAN_DATA_PNG_H

#include "data/deflate.h"
#include "data/format.h"

enum {
    GAN__PNG_GREY = 0,
    GAN__PNG_RGB = 2,
    GAN__PNG_PALETTE = 3,
    GAN__PNG_GREY_ALPHA = 4,
    GAN__PNG_RGBA = 6
};

typedef struct gan__png {
    gan__bytes file;
    int width, height;
    int depth, colour, interlaced;
    int orientation;
    uint8_t palette[256][4]; /* red, green, blue, alpha; missing entries are opaque black */
    int has_palette;
    int has_alpha;      /* a palette with transparency */
    int has_key;        /* a colour that is transparent: */
    unsigned key[3];    /* its samples as stored */
    size_t idat;        /* where the length of the first IDAT chunk is, 0: none */
    uint64_t idat_size; /* bytes in all of them */
} gan__png;

/* Samples in a stored pixel: 1 to 4. */
int gan__png_samples(const gan__png *p);

/* Bytes of `width` stored pixels. */
size_t gan__png_row_bytes(const gan__png *p, int width);

/* Inflates, unfilters and unpacks everything into out->pixels, which has room. */
gan_status gan__png_rows(const gan__png *p, gan__picture *out, gan_error *err);

#endif
