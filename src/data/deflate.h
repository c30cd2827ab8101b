/* SPDX-License-Identifier: MIT
 *
 * data/deflate.h - zlib on the library's own allocator. */
#ifndef GAN_DATA_DEFLATE_H
#define GAN_DATA_DEFLATE_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "gan/status.h"

/* No deflate stream grows by more than this factor: 258 bytes for 2 bits. */
#define GAN__DEFLATE_MAX_RATIO 1032

/* A cleared stream that allocates through base/memory.h; for inflateInit, inflateInit2. */
z_stream gan__z_stream(void);

/* A zlib stream of `size` bytes, at most INT_MAX - 64 (gan__free); NULL: no memory. */
uint8_t *gan__deflate(const uint8_t *data, size_t size, int level, size_t *out_size);

/* Unpacks a gzip file into exactly `size` bytes: GAN_OK, GAN_EFORMAT (*wrong says what is: also
 * when it holds more or less) or GAN_ENOMEM. */
gan_status gan__gunzip(const uint8_t *data, size_t data_size, uint8_t *out, size_t size,
                       const char **wrong);

/* Unpacks at most `size` bytes of its beginning, *got: GAN_OK or GAN_ENOMEM. */
gan_status gan__gunzip_head(const uint8_t *data, size_t data_size, uint8_t *out, size_t size,
                            size_t *got);

#endif
