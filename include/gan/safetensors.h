/* SPDX-License-Identifier: MIT
 *
 * gan/safetensors.h - files of named tensors, in the safetensors format.
 *
 * A file is: the length of the head (8 bytes, little-endian), the head (JSON: each tensor's dtype,
 * shape and place; strings under "__metadata__"), then the data, row-major and little-endian. The
 * format: https://huggingface.co/docs/safetensors. Nothing here knows gan_tensor: shapes are plain
 * integers and data plain bytes.
 *
 * A file that is read is taken to be hostile. It is refused with GAN_EFORMAT and a message that
 * names the file, the tensor, the values and what was expected when anything does not add up: the
 * lengths, the UTF-8, the JSON, a name given twice, metadata other than strings, a shape that
 * overflows or does not fit its bytes, tensors that overlap, leave a gap, or do not cover the data
 * to the last byte. A dtype or rank that only this library lacks is GAN_EUNSUPPORTED.
 * Limits: a head of 100,000,000 bytes (the format's own), 65536 bytes of it for the description of
 * one tensor, GAN_MAX_RANK dimensions. Reading needs memory for the file plus at most 16 times the
 * head plus 8 MiB, and time n log n in the number of tensors. */
#ifndef GAN_SAFETENSORS_H
#define GAN_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"
#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The element types, X(name, bytes), in the order of the reference implementation: a file holds the
 * last ones first. */
#define GAN_DTYPE_LIST(X)                                                                          \
    X(BOOL, 1)                                                                                     \
    X(U8, 1)                                                                                       \
    X(I8, 1)                                                                                       \
    X(I16, 2)                                                                                      \
    X(U16, 2)                                                                                      \
    X(F16, 2)                                                                                      \
    X(BF16, 2)                                                                                     \
    X(I32, 4)                                                                                      \
    X(U32, 4)                                                                                      \
    X(F32, 4)                                                                                      \
    X(F64, 8)                                                                                      \
    X(I64, 8)                                                                                      \
    X(U64, 8)

typedef enum gan_dtype {
#define GAN_DTYPE_CODE(name, bytes) GAN_DTYPE_##name,
    GAN_DTYPE_LIST(GAN_DTYPE_CODE)
#undef GAN_DTYPE_CODE
} gan_dtype;

/* The dtype of a gan_real. */
#ifdef GAN_DOUBLE
#    define GAN_DTYPE_REAL GAN_DTYPE_F64
#else
#    define GAN_DTYPE_REAL GAN_DTYPE_F32
#endif

/* "F32" and 4; of a value outside the list "unknown" and 0. */
GAN_API const char *gan_dtype_name(gan_dtype dtype);
GAN_API size_t gan_dtype_size(gan_dtype dtype);

/* A tensor of a file. Rank 0 is a scalar, one element; a dimension may be 0. */
typedef struct gan_safetensors_entry {
    const char *name; /* UTF-8, any but "__metadata__" */
    gan_dtype dtype;
    int rank;
    int64_t dim[GAN_MAX_RANK]; /* the first `rank` count */
    const void *data;          /* little-endian; aligned to nothing */
    size_t bytes;              /* the product of the dimensions times the dtype's size */
} gan_safetensors_entry;

typedef struct gan_safetensors_pair {
    const char *key, *value; /* UTF-8 */
} gan_safetensors_pair;

/* --- reading --- */

typedef struct gan_safetensors gan_safetensors;

/* Reads and checks the whole file. What the functions below hand out lives until
 * gan_safetensors_close. On failure *out is NULL. */
GAN_API gan_status gan_safetensors_open(const char *path, gan_safetensors **out, gan_error *err);
GAN_API void gan_safetensors_close(gan_safetensors *s);

/* The tensors in the order of their data; by name. NULL: there is none. */
GAN_API size_t gan_safetensors_count(const gan_safetensors *s);
GAN_API const gan_safetensors_entry *gan_safetensors_at(const gan_safetensors *s, size_t i);
GAN_API const gan_safetensors_entry *gan_safetensors_find(const gan_safetensors *s,
                                                          const char *name);

/* The metadata: the value of a key; all, in the order of their keys. NULL: there is none. */
GAN_API const char *gan_safetensors_metadata(const gan_safetensors *s, const char *key);
GAN_API size_t gan_safetensors_metadata_count(const gan_safetensors *s);
GAN_API const gan_safetensors_pair *gan_safetensors_metadata_at(const gan_safetensors *s, size_t i);

/* Copies the elements, converted to gan_real: exactly where that is possible, else rounded (F64 and
 * big integers; integers by way of double). BOOL gives 0 and 1. GAN_ESHAPE: the entry has not
 * `count` elements. */
GAN_API gan_status gan_safetensors_read_real(const gan_safetensors_entry *entry, gan_real *out,
                                             size_t count, gan_error *err);

/* The same for BOOL and the integers, exactly. GAN_EUNSUPPORTED: the entry holds floats, or a U64
 * above INT64_MAX. */
GAN_API gan_status gan_safetensors_read_i64(const gan_safetensors_entry *entry, int64_t *out,
                                            size_t count, gan_error *err);

/* --- writing --- */

/* Collects tensors and metadata, then writes them as the reference implementation does: sorted by
 * dtype (widest first, so that all data are aligned) and name, metadata by key. The bytes depend on
 * nothing else, not on the order of adding. The first error sticks: later calls do nothing and
 * gan_safetensors_writer_write reports it, so that adding need not be checked call by call. */
typedef struct gan_safetensors_writer gan_safetensors_writer;

/* NULL when out of memory, which the functions below accept and _write reports. */
GAN_API gan_safetensors_writer *gan_safetensors_writer_create(void);
GAN_API void gan_safetensors_writer_free(gan_safetensors_writer *w);

/* Adds a tensor. Name and dimensions are copied; `data` (little-endian, row-major; may be NULL when
 * there is no element) is borrowed until the last _write. GAN_EINVAL: a name that is reserved,
 * given twice or no UTF-8; a rank or dimension out of range. */
GAN_API void gan_safetensors_writer_add(gan_safetensors_writer *w, const char *name,
                                        gan_dtype dtype, int rank, const int64_t *dim,
                                        const void *data);

/* Adds a string, copied. GAN_EINVAL: a key given twice, or no UTF-8. */
GAN_API void gan_safetensors_writer_add_metadata(gan_safetensors_writer *w, const char *key,
                                                 const char *value);

/* Writes the file beside `path` ("path.tmp"), flushes it to the disk and renames it: on failure
 * `path` is as it was. */
GAN_API gan_status gan_safetensors_writer_write(gan_safetensors_writer *w, const char *path,
                                                gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
