/* SPDX-License-Identifier: MIT
 *
 * data/idx.h - IDX files, the format of MNIST: unsigned bytes of 1, 3 or 4 dimensions, plain or
 * gzipped. */
#ifndef GAN_DATA_IDX_H
#define GAN_DATA_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"

typedef struct gan__idx {
    uint8_t *pixels; /* [count,height,width,channels] */
    uint8_t *labels; /* [count] or NULL */
    size_t count;
    int height, width, channels;
} gan__idx;

/* Does the file begin as an IDX file or as gzip? */
int gan__idx_detect(const char *path);

/* The file of images that a folder holds under one of the usual names: gan__free; NULL with GAN_OK:
 * there is none. */
gan_status gan__idx_find(const char *folder, char **path, gan_error *err);

/* Reads images, and labels if their file lies beside. gan__idx_free() also after a failure. */
gan_status gan__idx_read(const char *path, gan__idx *out, gan_error *err);
void gan__idx_free(gan__idx *idx);

#endif
