/* SPDX-License-Identifier: MIT
 *
 * data/format.h - the image formats: one file each, one row each in the table of format.c.
 *
 * A decoder checks the head first - sides, pixels, and whether so many pixels can be in so short a
 * file - and allocates only then. What it gives is as stored: not oriented, not composited. */
#ifndef GAN_DATA_FORMAT_H
#define GAN_DATA_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "gan/image.h"

typedef struct gan__bytes {
    const uint8_t *data;
    size_t size;
} gan__bytes;

typedef struct gan__picture {
    int width, height, channels; /* 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha */
    int orientation;             /* EXIF: 1 to 8 */
    uint8_t *pixels;             /* [height,width,channels], gan__free */
} gan__picture;

typedef gan_status gan__decode_fn(gan__bytes file, const gan_image_options *o, gan__picture *out,
                                  gan_error *err);

gan__decode_fn gan__jpeg_decode, gan__png_decode, gan__bmp_decode, gan__pnm_decode;

/* The decoder for a file that begins like this (16 bytes tell), or NULL; *name is the format, also
 * of some that are known but not read, else NULL. */
gan__decode_fn *gan__format_detect(gan__bytes head, const char **name);

/* GAN_EFORMAT for empty, GAN_EUNSUPPORTED for too large pictures. */
gan_status gan__check_sides(int64_t width, int64_t height, const gan_image_options *o,
                            gan_error *err);

/* Memory for out->width x height x channels, which are set and checked. */
gan_status gan__picture_alloc(gan__picture *out, gan_error *err);

/* The orientation, 1 to 8, in a TIFF structure as EXIF has it; 1 when there is none. */
int gan__exif_orientation(const uint8_t *tiff, size_t size);

/* Runs stb within the memory that the options allow, and fills `out`. */
gan_status gan__decode_with_stb(gan__bytes file, const gan_image_options *o, size_t pixels,
                                gan__picture *out, gan_error *err);

static inline unsigned gan__be16(const uint8_t *p) {
    return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t gan__be32(const uint8_t *p) {
    return (uint32_t)gan__be16(p) << 16 | gan__be16(p + 2);
}

static inline unsigned gan__le16(const uint8_t *p) {
    return (unsigned)p[1] << 8 | p[0];
}

static inline uint32_t gan__le32(const uint8_t *p) {
    return (uint32_t)gan__le16(p + 2) << 16 | gan__le16(p);
}

#endif
