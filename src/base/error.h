/* SPDX-License-Identifier: MIT
 *
 * base/error.h - filling a gan_error. */
#ifndef GAN_BASE_ERROR_H
#define GAN_BASE_ERROR_H

#include "gan/status.h"

/* Writes code and message into `err` (may be NULL) and returns the code: `return gan__fail(err,
 * GAN_EIO, ...)`. */
gan_status gan__fail(gan_error *err, gan_status code, const char *format, ...) GAN_PRINTF(3, 4);

/* The one message for a failed allocation. */
gan_status gan__fail_memory(gan_error *err);

/* Puts "prefix: " before the message that is there already; returns its code. */
gan_status gan__prefix(gan_error *err, gan_status code, const char *format, ...) GAN_PRINTF(3, 4);

#endif
