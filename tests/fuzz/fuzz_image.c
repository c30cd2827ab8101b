/* SPDX-License-Identifier: MIT
 *
 * fuzz_image - damaged image files against the reader.
 *
 *     fuzz_image COUNT|SECONDSs SEED FILE...
 *
 * Each round takes one of the files, damages it and has it decoded; build it with AddressSanitizer,
 * which then tells. Round n of a seed is always the same: `fuzz_image 1 SEED,n FILE...` repeats it
 * (the files in the same order). Without main, LLVMFuzzerTestOneInput is there for libFuzzer
 * (-DGAN_LIBFUZZER). */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gan/image.h"
#include "gan/rng.h"

/* Once as stored and once cropped, resized and converted. What was decoded is looked at, so that
 * uninitialised bytes are noticed by tools that do. */
static int decode(const uint8_t *data, size_t size) {
    gan_image m;
    gan_error err = {0};
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    o.max_pixels = (size_t)1 << 22;
    unsigned sum = 0;
    int good = 0;
    for (int i = 0; i < 2; i++) {
        gan_status s = gan_image_decode(data, size, &o, &m, &err);
        if (s && !err.text[0]) abort();
        if (!s && (m.width < 1 || m.height < 1 || !m.pixels)) abort();
        if (!s) good++;
        for (size_t k = 0; !s && k < (size_t)m.width * (size_t)m.height * (size_t)m.channels; k++)
            sum += m.pixels[k] > 100;
        gan_image_free(&m);
        o.width = 24, o.height = 17, o.channels = size % 2 ? 1 : 3;
    }
    return good + (sum == 0xffffffffu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    decode(data, size);
    return 0;
}

#ifndef GAN_LIBFUZZER

#define STREAM 0x66757a7au
#define MAX_SIZE ((size_t)1 << 20)

typedef struct seed_file {
    uint8_t *data;
    size_t size;
} seed_file;

static int load(const char *path, seed_file *f) {
    FILE *in = fopen(path, "rb");
    f->data = malloc(MAX_SIZE);
    f->size = in && f->data ? fread(f->data, 1, MAX_SIZE, in) : 0;
    if (in) fclose(in);
    if (!f->size) free(f->data);
    return f->size > 0;
}

/* --- damage --- */

static uint32_t below(gan_rng *r, size_t n) {
    return n ? gan_rng_below(r, (uint32_t)n) : 0;
}

/* Near the beginning, where the heads are, as often as anywhere. */
static size_t place(gan_rng *r, size_t n) {
    return below(r, 2) && n > 700 ? below(r, 700) : below(r, n);
}

static size_t damage(gan_rng *r, uint8_t *p, size_t n, const seed_file *other) {
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, 0xc4, 0xda, 0xc0, 0xc2, 0x10};
    size_t at = place(r, n), length;
    if (!n) return 0;
    switch (below(r, 8)) {
    case 0:
        p[at] ^= (uint8_t)(1u << below(r, 8));
        return n;
    case 1:
        p[at] = (uint8_t)gan_rng_bits(r);
        return n;
    case 2:
        p[at] = telling[below(r, sizeof telling)];
        return n;
    case 3: /* cut */
        return below(r, 4) ? n : at;
    case 4: /* remove a piece */
        length = below(r, n - at < 64 ? n - at : 64);
        memmove(p + at, p + at + length, n - at - length);
        return n - length;
    case 5: /* repeat a piece */
        length = below(r, n - at < 64 ? n - at : 64);
        if (n + length > MAX_SIZE) return n;
        memmove(p + at + length, p + at, n - at);
        return n + length;
    case 6: /* a piece of another file */
        length = below(r, n - at);
        if (length > other->size) length = other->size;
        memcpy(p + at, other->data + below(r, other->size - length + 1), length);
        return n;
    default: /* a number of 16 bits */
        p[at] = below(r, 2) ? 0 : (uint8_t)gan_rng_bits(r);
        if (at + 1 < n) p[at + 1] = (uint8_t)gan_rng_bits(r);
        return n;
    }
}

/* A PNG whose checksums are wrong is refused at once: they are put right three times in four. */
static uint32_t crc(const uint8_t *p, size_t n) {
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
    }
    return ~c;
}

static void mend_png(uint8_t *p, size_t n) {
    if (n < 8 || memcmp(p, "\x89PNG", 4)) return;
    for (size_t at = 8; n - at >= 12;) {
        size_t length =
            (size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3];
        if (length > n - at - 12) return;
        uint32_t c = crc(p + at + 4, length + 4);
        for (int k = 0; k < 4; k++) p[at + 8 + length + (size_t)k] = (uint8_t)(c >> (24 - 8 * k));
        at += length + 12;
    }
}

static int round_of(uint64_t seed, uint64_t number, const seed_file *files, size_t count,
                    uint8_t *work) {
    gan_rng r = gan_rng_make(seed, STREAM, number);
    const seed_file *f = &files[below(&r, count)];
    size_t n = f->size;
    memcpy(work, f->data, n);
    for (uint32_t i = below(&r, 6) + 1; i; i--) n = damage(&r, work, n, &files[below(&r, count)]);
    if (below(&r, 4)) mend_png(work, n);
    uint8_t *exact = malloc(n ? n : 1); /* so that a read past the end is seen */
    if (!exact) return 0;
    memcpy(exact, work, n);
    int good = decode(exact, n);
    free(exact);
    return good;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: %s COUNT|SECONDSs SEED[,FIRST] FILE...\n", argv[0]);
        return 2;
    }
    char *end;
    double limit = strtod(argv[1], &end), begin = seconds(), slowest = 0;
    int timed = *end == 's';
    uint64_t seed = strtoull(argv[2], &end, 10), slow = 0, good = 0, n = 0;
    uint64_t first = *end == ',' ? strtoull(end + 1, NULL, 10) : 0;
    size_t count = 0;
    seed_file *files = calloc((size_t)argc, sizeof *files);
    uint8_t *work = malloc(MAX_SIZE);
    if (!files || !work) return 1;
    for (int i = 3; i < argc; i++) count += (size_t)load(argv[i], &files[count]);
    if (!count) return 2;
    for (; timed ? seconds() - begin < limit : (double)n < limit; n++) {
        double start = seconds();
        good += round_of(seed, first + n, files, count, work) > 0;
        double took = seconds() - start;
        if (took > slowest) slowest = took, slow = first + n;
    }
    printf("%" PRIu64 " files, %" PRIu64 " decoded, slowest %.3f s (round %" PRIu64 ")\n", n, good,
           slowest, slow);
    for (size_t i = 0; i < count; i++) free(files[i].data);
    free(files);
    free(work);
    return slowest > 2.0;
}

#endif
