/* SPDX-License-Identifier: MIT
 *
 * data/image.h - reading for a data set. */
#ifndef GAN_DATA_IMAGE_H
#define GAN_DATA_IMAGE_H

#include "gan/image.h"

/* gan_image_read() without the path in the message; *is_image: it begins as an image of some kind,
 * readable or not. */
gan_status gan__image_load(const char *path, const gan_image_options *options, gan_image *image,
                           int *is_image, gan_error *err);

#endif
