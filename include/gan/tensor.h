/* SPDX-License-Identifier: MIT
 *
 * gan/tensor.h - arrays of numbers with a shape.
 *
 * A tensor is contiguous and row-major; images are [N,H,W,C], channels last. There are two kinds:
 *  - owned tensors, made by gan_tensor_create() and freed by gan_tensor_free(): parameters, state;
 *  - tensors of a tape (gan/tape.h), which every operation makes: they go with gan_tape_reset().
 * Accessors of NULL give 0 or NULL, so that a formula can be written without a check at each step.
 */
#ifndef GAN_TENSOR_H
#define GAN_TENSOR_H

#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_tensor gan_tensor;

/* An owned tensor of zeros. NULL: out of memory, or rank or a dimension is out of range. Rank 0 is
 * one number. */
GAN_API gan_tensor *gan_tensor_create(int rank, const int64_t *dim);
GAN_API void gan_tensor_free(gan_tensor *x);

GAN_API int gan_tensor_rank(const gan_tensor *x);
GAN_API int64_t gan_tensor_dim(const gan_tensor *x, int axis); /* axis < 0 counts from the end */
GAN_API int64_t gan_tensor_size(const gan_tensor *x);          /* elements */

/* The elements, borrowed; NULL after gan_grad or gan_release has given the buffer back. */
GAN_API const gan_real *gan_tensor_data(const gan_tensor *x);

/* The elements, to be changed: counts as a change, so that a gradient of anything computed before
 * is refused with GAN_ESTATE. */
GAN_API gan_real *gan_tensor_edit(gan_tensor *x);

/* The only element of a tensor of size 1 (a loss); 0 for NULL. */
GAN_API double gan_tensor_item(const gan_tensor *x);

#ifdef __cplusplus
}
#endif
#endif
