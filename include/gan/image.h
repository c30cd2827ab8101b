/* SPDX-License-Identifier: MIT
 *
 * gan/image.h - image files to pixels and back.
 *
 * An image is [H,W,C] bytes, rows from the top, C = 1 (grey) or 3 (red, green, blue). What a
 * network sees is gan_real in [-1,1], channels last: x = byte / 127.5 - 1.
 *
 * Reading: JPEG (8-bit, baseline or progressive), PNG (all of it), BMP (uncompressed) and PNM
 * (P1 to P6), known by their first bytes, never by the name. A palette is looked up, 16 bits are
 * rounded to 8, transparency is composited on a colour, the EXIF orientation is applied; gamma and
 * colour profiles are ignored. A file is treated as hostile: while it is decoded the memory in use
 * stays below its own size + 4 bytes a pixel + `memory_mib`, and what does not fit is refused. */
#ifndef GAN_IMAGE_H
#define GAN_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_image {
    int width, height, channels; /* pixels; 1 or 3 */
    uint8_t *pixels;             /* [height,width,channels] */
} gan_image;

typedef struct gan_image_options {
    size_t size;           /* sizeof(gan_image_options) */
    int width, height;     /* crop and resize to this; both 0: the size stored in the file */
    int channels;          /* 1 or 3; 0: grey stays grey, all else is colour */
    uint8_t background[3]; /* red, green, blue behind transparent pixels */
    size_t max_pixels;     /* a file with more is refused */
    int max_side;          /* so is one that is wider or higher, in pixels */
    size_t memory_mib;     /* for decoding, beyond 4 bytes a pixel. 16 is enough for PNG, BMP and
                              PNM of any size, and for JPEG up to 7 megapixels (28 with the chroma
                              halved both ways, as photographs have it; 1.8 and 4 if progressive) */
} gan_image_options;

#define GAN_IMAGE_OPTIONS_DEFAULTS                                                                 \
    { sizeof(gan_image_options), 0, 0, 0, {255, 255, 255}, (size_t)64 << 20, 65535, 16 }

/* Reads the image in a file, or in `size` bytes of memory, into `image`, which gan_image_free()
 * releases. With a width and height, the largest part in the middle that has their aspect ratio is
 * cut out and resized, by the triangle filter as PIL's and torchvision's "bilinear": widened when
 * shrinking, so that every pixel counts (no aliasing); on the stored values, not in linear light.
 * Grey is made of colour with the ITU-R 601 weights (0.299, 0.587, 0.114).
 *
 * options NULL: the defaults. GAN_EIO (cannot be read), GAN_EFORMAT (not an image, or damaged: the
 * message says how), GAN_EUNSUPPORTED (a kind or size that is not read), GAN_EINVAL (options),
 * GAN_ENOMEM; `image` is then cleared. */
GAN_API gan_status gan_image_read(const char *path, const gan_image_options *options,
                                  gan_image *image, gan_error *err);
GAN_API gan_status gan_image_decode(const void *data, size_t size, const gan_image_options *options,
                                    gan_image *image, gan_error *err);

/* Releases the pixels and clears the struct; {0} and NULL are nothing. */
GAN_API void gan_image_free(gan_image *image);

/* Writes [height,width,channels] bytes as PNG, whole or not at all: to "path.tmp", then renamed.
 * GAN_EINVAL (sizes; channels is 1 or 3), GAN_EIO, GAN_ENOMEM. */
GAN_API gan_status gan_image_write_png(const char *path, int height, int width, int channels,
                                       const uint8_t *pixels, gan_error *err);

/* count pixel values from [-1,1] to bytes, rounded to nearest and clamped (a NaN gives 0), and from
 * bytes to [-1,1]. */
GAN_API void gan_image_from_real(const gan_real *x, size_t count, uint8_t *bytes);
GAN_API void gan_image_to_real(const uint8_t *bytes, size_t count, gan_real *x);

/* Writes [n,height,width,channels] pixels in [-1,1] as one PNG: row by row in `columns` columns,
 * with 2 black pixels around each picture and white for the places left over. Errors as
 * gan_image_write_png(). */
GAN_API gan_status gan_image_write_grid(const char *path, int n, int height, int width,
                                        int channels, const gan_real *pixels, int columns,
                                        gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
