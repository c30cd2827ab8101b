/* SPDX-License-Identifier: MIT
 *
 * safetensors_file.h - a file in a directory of its own, for the two safetensors tests. */
#ifndef SAFETENSORS_FILE_H
#define SAFETENSORS_FILE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gan/safetensors.h"

static char dir[] = "/tmp/gan_safetensors_XXXXXX";
static char path[64], temporary[72];

static inline int setup(void **state) {
    (void)state;
    if (!mkdtemp(dir)) return -1;
    snprintf(path, sizeof path, "%s/t.safetensors", dir);
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    remove(path);
    return rmdir(dir); /* fails when anything else was left */
}

/* --- files as bytes --- */

static inline void put_file(const void *data, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static inline size_t get_file(unsigned char *data, size_t size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(data, 1, size, f);
    fclose(f);
    return n;
}

static inline gan_safetensors *must_open(void) {
    gan_safetensors *s;
    gan_error err = {0};
    if (gan_safetensors_open(path, &s, &err)) fail_msg("%s", err.text);
    return s;
}

static inline void must_write(gan_safetensors_writer *w) {
    gan_error err = {0};
    if (gan_safetensors_writer_write(w, path, &err)) fail_msg("%s", err.text);
    gan_safetensors_writer_free(w);
    assert_int_not_equal(access(temporary, F_OK), 0);
}

#endif
