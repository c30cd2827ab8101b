/* SPDX-License-Identifier: MIT
 *
 * fuzz_safetensors COUNT SEED: parses COUNT damaged files, the same ones for the same SEED, and
 * checks what is promised of those that are accepted. To be built with AddressSanitizer; the bytes
 * lie in a block of exactly their size. With -DGAN_LIBFUZZER -fsanitize=fuzzer: libFuzzer's entry
 * point instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gan/rng.h"
#include "tensor/safetensors.h"

/* --- what must hold --- */

static void must(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "fuzz_safetensors: broken: %s\n", what);
    abort();
}

/* Converts every element; returns the entry's end. */
static const unsigned char *check_entry(const gan_safetensors *s, const gan_safetensors_entry *e) {
    size_t count = e->bytes / gan_dtype_size(e->dtype), product = 1;
    gan_error err = {0};
    for (int i = 0; i < e->rank; i++) product *= (size_t)e->dim[i];
    must(product == count && count * gan_dtype_size(e->dtype) == e->bytes, "the size of a shape");
    must(gan_safetensors_find(s, e->name) == e, "finding a tensor by name");
    gan_real *x = malloc((count + 1) * sizeof *x);
    int64_t *n = malloc((count + 1) * sizeof *n);
    must(x && n, "memory");
    must(gan_safetensors_read_real(e, x, count, &err) == GAN_OK, "reading as real");
    must(gan_safetensors_read_real(e, x, count + 1, &err) == GAN_ESHAPE, "counting");
    gan_status status = gan_safetensors_read_i64(e, n, count, &err);
    must(status == GAN_OK || status == GAN_EUNSUPPORTED, "reading as integers");
    free(x);
    free(n);
    return (const unsigned char *)e->data + e->bytes;
}

static void check_all(const gan_safetensors *s, const unsigned char *file, size_t size) {
    const unsigned char *end = NULL;
    for (size_t i = 0; i < gan_safetensors_count(s); i++) {
        const gan_safetensors_entry *e = gan_safetensors_at(s, i);
        must(!end || e->data == end, "tensors that follow each other");
        end = check_entry(s, e);
    }
    must(!end || end == file + size, "tensors that cover the data");
    for (size_t i = 0; i < gan_safetensors_metadata_count(s); i++) {
        const gan_safetensors_pair *p = gan_safetensors_metadata_at(s, i);
        must(gan_safetensors_metadata(s, p->key) == p->value, "finding metadata by key");
    }
}

/* 1: accepted. */
static int check(const unsigned char *bytes, size_t size) {
    unsigned char *file = malloc(size ? size : 1);
    gan_safetensors *s;
    gan_error err = {0};
    must(file != NULL, "memory");
    if (size) memcpy(file, bytes, size);
    gan_status status = gan__safetensors_parse(file, size, &s, &err);
    must(!status == (s != NULL), "a result or an error");
    must(!status || (err.code == status && err.text[0]), "a message");
    if (s) check_all(s, file, size);
    gan_safetensors_close(s);
    free(file);
    return !status;
}

#ifdef GAN_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check(data, size);
    return 0;
}

#else

/* --- damage --- */

enum { TEXT_MAX = 4096, DATA_MAX = 256 };

typedef struct sample {
    char text[TEXT_MAX]; /* the head */
    size_t size, data;
} sample;

static const struct {
    const char *head;
    size_t data;
} seeds[] = {
    {"{}      ", 0},
    {"{\"__metadata__\":{\"format\":\"pt\",\"config\":\"{\\\"size\\\":64}\"},"
     "\"main.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3,1,1],\"data_offsets\":[8,32]},"
     "\"main.1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}",
     32},
    {"{\"a\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[8,24]},"
     "\"c\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[24,32]},"
     "\"d\":{\"dtype\":\"F16\",\"shape\":[0,7],\"data_offsets\":[32,32]},"
     "\"e\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[32,35]}}    ",
     35},
    {"{\"\\u00fc\\ud83d\\ude00\":{\"dtype\":\"I8\",\"shape\":[1,1,1,1,1,1,1,4],"
     "\"data_offsets\":[0,4]},\"x\":{\"data_offsets\":[4,6],\"shape\":[1],\"dtype\":\"I16\"}}",
     6},
};

static const char *const tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "-",
    "0",
    "1",
    "8",
    "4294967296",
    "1e3",
    "0.5",
    "null",
    "true",
    "{}",
    "9223372036854775807",
    "[]",
    "\"\"",
    "\"F32\"",
    "\"I64\"",
    " ",
    "\"__metadata__\":{\"k\":\"v\"},",
    "\\u0000",
    "\xff",
    "\\ud800",
    "\xc3",
    "\x1b",
    "\"z\":{\"dtype\":\"U8\",\"shape\":[0],"
    "\"data_offsets\":[0,0]},",
    "\"U8\"",
    "\"F64\"",
};

/* Puts `n` bytes where `cut` bytes were, if they fit. */
static void splice(sample *f, size_t at, size_t cut, const char *bytes, size_t n) {
    char copy[TEXT_MAX];
    if (f->size - cut + n > TEXT_MAX) return;
    if (n) memcpy(copy, bytes, n);
    memmove(f->text + at + n, f->text + at + cut, f->size - at - cut);
    if (n) memcpy(f->text + at, copy, n);
    f->size += n - cut;
}

static size_t below(gan_rng *r, size_t n) {
    return gan_rng_below(r, (uint32_t)n);
}

static void damage(sample *f, gan_rng *r) {
    size_t at = below(r, f->size + 1), left = f->size - at;
    size_t span = below(r, (left < 60 ? left : 60) + 1);
    const char *token = tokens[below(r, sizeof tokens / sizeof *tokens)];
    switch (below(r, 7)) {
    case 0: /* a bit */
        if (left) f->text[at] = (char)(f->text[at] ^ 1 << below(r, 8));
        break;
    case 1: /* a token put in */
        splice(f, at, 0, token, strlen(token));
        break;
    case 2: /* a token over something */
        splice(f, at, span < 8 ? span : 1, token, strlen(token));
        break;
    case 3: /* something cut out */
        splice(f, at, span, NULL, 0);
        break;
    case 4: /* something twice */
        splice(f, below(r, f->size + 1), 0, f->text + at, span);
        break;
    case 5: /* another digit for the next one */
        while (left && (f->text[at] < '0' || f->text[at] > '9')) at++, left--;
        if (left) f->text[at] = (char)('0' + below(r, 10));
        break;
    default: /* more or less data */
        if (!below(r, 4)) f->data = below(r, DATA_MAX);
    }
}

/* The file: most often with the true length of its head, that deeper checks are reached. */
static size_t assemble(const sample *f, gan_rng *r, unsigned char *file) {
    uint64_t length = f->size;
    size_t size = 8 + f->size + f->data;
    if (!below(r, 16)) length = (uint64_t)gan_rng_bits(r) << below(r, 33) >> below(r, 33);
    for (size_t i = 0; i < 8; i++) file[i] = (unsigned char)(length >> 8 * i);
    memcpy(file + 8, f->text, f->size);
    for (size_t i = 8 + f->size; i < size; i++) file[i] = (unsigned char)gan_rng_bits(r);
    return below(r, 16) ? size : below(r, size + 1);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: fuzz_safetensors COUNT SEED\n");
        return 2;
    }
    unsigned long long count = strtoull(argv[1], NULL, 10), accepted = 0;
    static unsigned char file[8 + TEXT_MAX + DATA_MAX];
    static sample f;
    for (unsigned long long i = 0; i < count; i++) {
        gan_rng r = gan_rng_make(strtoull(argv[2], NULL, 10), 0, i);
        size_t which = below(&r, sizeof seeds / sizeof *seeds);
        f.size = strlen(seeds[which].head);
        f.data = seeds[which].data;
        memcpy(f.text, seeds[which].head, f.size);
        for (size_t n = below(&r, 6); n; n--) damage(&f, &r);
        accepted += (unsigned long long)check(file, assemble(&f, &r, file));
    }
    printf("%llu files, %llu accepted\n", count, accepted);
    return 0;
}

#endif
