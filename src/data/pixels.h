/* SPDX-License-Identifier: MIT
 *
 * data/pixels.h - from pixels as stored in a file to the pixels asked for. */
#ifndef GAN_DATA_PIXELS_H
#define GAN_DATA_PIXELS_H

#include "data/format.h"

/* Puts the picture over a background; 1 or 3 channels remain, in the same memory. */
void gan__composite(gan__picture *p, const uint8_t background[3]);

/* Crops, resizes, turns and converts pixels of 1 or 3 channels as the options say. What is not
 * needed of `p` stays there; on failure so may pixels in `out`. */
gan_status gan__fit(gan__picture *p, const gan_image_options *o, gan_image *out, gan_error *err);

/* The same into memory that is there, [height,width,channels]. */
gan_status gan__fit_into(const gan__picture *p, int height, int width, int channels, uint8_t *out,
                         gan_error *err);

#endif
