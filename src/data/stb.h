/* SPDX-License-Identifier: MIT
 *
 * data/stb.h - the few functions of the stb libraries that are used, with their memory bounded. */
#ifndef GAN_DATA_STB_H
#define GAN_DATA_STB_H

#include <stddef.h>
#include <stdint.h>

/* What stb may use and uses, in bytes, during one call. */
typedef struct gan__stb_memory {
    size_t limit;
    size_t used;
    int exceeded;  /* an allocation was refused because of the limit */
    int exhausted; /* one failed */
    int live;      /* blocks in use */
    struct {
        void *p;
        size_t size;
    } block[48];
} gan__stb_memory;

/* Decodes a JPEG or BMP that has passed its scan (format.h) to [height,width,channels] bytes, 1, 3
 * or 4 channels (gan__free). NULL: m->exceeded, m->exhausted or else *reason says why. */
uint8_t *gan__stb_decode(const uint8_t *data, size_t size, gan__stb_memory *m, int *width,
                         int *height, int *channels, const char **reason);

/* [ih,iw,c] bytes, rows `stride` bytes apart, to [oh,ow,c]: triangle filter, on the stored values.
 * 0: no memory. */
int gan__stb_resize(const uint8_t *in, int iw, int ih, int stride, uint8_t *out, int ow, int oh,
                    int c);

/* A PNG file of [h,w,c] bytes in memory (gan__free); NULL: no memory. */
uint8_t *gan__stb_png(const uint8_t *pixels, int w, int h, int c, size_t *size);

#endif
