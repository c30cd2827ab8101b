/* SPDX-License-Identifier: MIT
 *
 * train/store.h - parameters into and out of safetensors files, in PyTorch's layouts. */
#ifndef GAN_TRAIN_STORE_H
#define GAN_TRAIN_STORE_H

#include "base/memory.h"
#include "gan/module.h"
#include "gan/safetensors.h"

/* A file being put together: the writer borrows, the arena holds what had to be permuted. Errors
 * show when it is written. */
typedef struct gan__store {
    gan_safetensors_writer *writer;
    gan__arena arena;
    int failed; /* out of memory */
} gan__store;

gan__store gan__store_begin(void);
gan_status gan__store_end(gan__store *s, const char *path, gan_error *err); /* writes, then frees */

/* The parameter's value, or other values of its shape (a moment, an average), as "prefix.name". */
void gan__store_parameter(gan__store *s, const char *prefix, const gan_parameter *p,
                          const gan_tensor *values);
void gan__store_parameters(gan__store *s, const char *prefix, const gan_parameters *p);
void gan__store_i64(gan__store *s, const char *name, const int64_t *value);

/* The way back. out NULL: only checks that the tensor is there and fits. */
gan_status gan__fetch_parameter(const gan_safetensors *f, const char *prefix,
                                const gan_parameter *p, gan_tensor *out, gan_error *err);
gan_status gan__fetch_parameters(const gan_safetensors *f, const char *prefix,
                                 const gan_parameters *p, int check_only, gan_error *err);
/* A count: GAN_EFORMAT below 0 and above GAN__MAX_COUNT, which leaves room to count on. */
#define GAN__MAX_COUNT 10000000000000 /* 1e13 */
gan_status gan__fetch_count(const gan_safetensors *f, const char *name, int64_t *out,
                            gan_error *err);

#endif
