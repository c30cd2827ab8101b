/* SPDX-License-Identifier: MIT
 *
 * base/file.h - checked file access. Paths appear in every message. */
#ifndef GAN_BASE_FILE_H
#define GAN_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "gan/status.h"

/* Reads a whole regular file of at most `limit` bytes; *data (gan__free) has one more byte, a 0,
 * after the *size bytes. */
gan_status gan__file_read(const char *path, size_t limit, unsigned char **data, size_t *size,
                          gan_error *err);

/* A file that replaces `path` only when it is complete: written beside it as "path.tmp", flushed to
 * the disk, then renamed. After a failed write every further call is a no-op, and
 * gan__writer_commit reports the first failure and removes the temporary file; `path` is then as it
 * was. */
typedef struct gan__writer {
    void *file; /* FILE * */
    char *path, *temporary;
    int failed; /* errno of the first failure, or 0 */
} gan__writer;

gan_status gan__writer_open(gan__writer *w, const char *path, gan_error *err);
void gan__writer_put(gan__writer *w, const void *data, size_t size);
void gan__writer_put_u64(gan__writer *w, uint64_t value); /* little-endian */
gan_status gan__writer_commit(gan__writer *w, gan_error *err);
void gan__writer_abandon(gan__writer *w);

uint64_t gan__load_u64(const unsigned char *p); /* little-endian */

/* "dir/name" (gan__free), NULL: no memory. */
char *gan__path_join(const char *dir, const char *name);

/* Makes the directory if it is missing, its parents too. */
gan_status gan__dir_make(const char *path, gan_error *err);

#endif
