/* SPDX-License-Identifier: MIT
 *
 * tensor/safetensors.h - what the reader's and the writer's files share.
 *
 * safetensors.c: the dtypes, the file as a whole. safetensors_head.c: the JSON head.
 * safetensors_read.c: converted elements. safetensors_write.c: the writer. */
#ifndef GAN_TENSOR_SAFETENSORS_H
#define GAN_TENSOR_SAFETENSORS_H

#include "base/memory.h"
#include "gan/safetensors.h"

#define GAN__SAFETENSORS_METADATA "__metadata__"
#define GAN__SAFETENSORS_HEAD_MAX ((size_t)100000000)
#define GAN__SAFETENSORS_ENTRY_MAX ((size_t)65536)

struct gan_safetensors {
    gan_safetensors_entry *entries; /* sorted by place */
    const gan_safetensors_entry **by_name;
    gan_safetensors_pair *pairs; /* sorted by key */
    size_t count, cap, pair_count, pair_cap;
    gan__arena strings;
    unsigned char *file; /* owned; NULL when the caller keeps the bytes */
};

/* Checks the bytes of a file, which must outlive *out. */
gan_status gan__safetensors_parse(const unsigned char *file, size_t size, gan_safetensors **out,
                                  gan_error *err);

/* Appends the head's tensors (each checked for itself) and pairs to `s`; `data` is what follows the
 * head. */
gan_status gan__safetensors_head(gan_safetensors *s, const char *text, size_t size,
                                 const unsigned char *data, size_t data_size, gan_error *err);

/* The bytes that dtype and shape need; 0: the product overflows. */
int gan__safetensors_bytes(const gan_safetensors_entry *e, size_t *bytes);

/* For qsort and bsearch: arrays of pairs. */
int gan__safetensors_compare_keys(const void *a, const void *b);

/* The length of the UTF-8 sequence at the start of `s`; 0: it is none. */
size_t gan__utf8_step(const char *s);
int gan__is_utf8(const char *s); /* all of it */

/* A string of a file as it can stand in a message: cut, without control characters. */
typedef struct gan__shown {
    char text[96];
} gan__shown;
gan__shown gan__show(const char *s);

/* "[64, 3, 4, 4]" */
typedef struct gan__shape_text {
    char text[GAN_MAX_RANK * 22 + 3];
} gan__shape_text;
gan__shape_text gan__show_shape(const gan_safetensors_entry *e);

#endif
