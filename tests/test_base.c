/* SPDX-License-Identifier: MIT
 *
 * The ground floor: memory, random numbers, messages. Files are in test_file.c. */
#include "support.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/parallel.h"

/* --- memory --- */

/* Under the address sanitizer an allocation that cannot be met gives NULL, as everywhere else. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void allocations(void **state) {
    static const size_t sizes[] = {0, 1, 63, 64, 65, 1000, 1 << 20};
    (void)state;
    for (int i = 0; i < COUNT(sizes); i++) {
        unsigned char *p = gan__alloc(sizes[i], 1), *z = gan__zalloc(sizes[i], 1);
        assert_true(p && z && (uintptr_t)p % 64 == 0 && (uintptr_t)z % 64 == 0);
        memset(p, 1, sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(z[k], 0);
        gan__free(p);
        gan__free(z);
    }
    assert_null(gan__alloc(SIZE_MAX, 2));
    assert_null(gan__zalloc(SIZE_MAX / 2, 3));
    assert_null(gan__alloc(SIZE_MAX / 8 + 2, 8));
    gan__free(NULL);
    char *copy = gan__strdup("abc");
    assert_string_equal(copy, "abc");
    gan__free(copy);
}

static void growing(void **state) {
    int *items = NULL;
    size_t cap = 0;
    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        items = gan__grow(items, &cap, i, sizeof *items);
        assert_non_null(items);
        assert_true(cap > i);
        items[i] = (int)i;
    }
    for (size_t i = 0; i < 1000; i++) assert_int_equal(items[i], (int)i);
    gan__free(items);
}

static void arenas(void **state) {
    static const size_t sizes[] = {1, 24, 100000, 16, 65536, 40000, 40000, 0, 300000, 8};
    gan__arena a = {0};
    void *first[COUNT(sizes)];
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT(sizes); i++) {
            unsigned char *p = gan__arena_take(&a, sizes[i]);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            memset(p, i, sizes[i]);
            if (!round) first[i] = p;
            assert_ptr_equal(p, first[i]); /* the same chunks again: nothing was allocated */
        }
        for (int i = 0; i < COUNT(sizes); i++)
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(((unsigned char *)first[i])[k], i);
        gan__arena_reset(&a);
    }
    gan__arena_free(&a);
    assert_null(a.first);
}

/* --- pool --- */

/* Is everything free again, in one piece a chunk? */
static void pool_is_whole(const gan__pool *p) {
    size_t room = 0;
    uint32_t buffers = 0;
    for (const gan__buffer *b = p->first; b; b = b->next, buffers++) {
        assert_int_equal(b->refs, 0);
        assert_ptr_equal(b->next ? b->next->prev : p->last, b);
        room += b->room;
    }
    assert_int_equal(buffers, p->chunks);
    assert_int_equal(room, p->held);
    assert_int_equal(p->in_use, 0);
}

enum { TAKEN = 60 };

/* Takes and gives back at random, by a fixed sequence; every buffer keeps what was written. */
static void pool_run(gan__pool *p, uint64_t seed) {
    gan__buffer *b[TAKEN] = {0};
    size_t bytes[TAKEN], in_use = 0;
    gan_rng r = gan_rng_make(seed, 1, 1);
    for (int i = 0; i < 6000; i++) {
        int k = i < 5000 ? (int)gan_rng_below(&r, TAKEN) : i % TAKEN;
        if (b[k]) {
            unsigned char *data = b[k]->data;
            for (size_t e = 0; e < bytes[k]; e += 997) assert_int_equal(data[e], k);
            in_use -= b[k]->bytes;
            gan__pool_release(p, b[k]);
            b[k] = NULL;
        } else if (i < 5000) {
            bytes[k] = gan_rng_below(&r, 1u << (1 + gan_rng_below(&r, 22)));
            assert_non_null(b[k] = gan__pool_take(p, bytes[k]));
            assert_int_equal((uintptr_t)b[k]->data % 64, 0);
            memset(b[k]->data, k, bytes[k]);
            in_use += b[k]->bytes;
        }
        assert_int_equal(p->in_use, in_use);
    }
}

static void pool_random(void **state) {
    gan__pool p = {0};
    (void)state;
    pool_run(&p, 1);
    pool_is_whole(&p);
    size_t allocations = p.allocations, held = p.held;
    assert_true(held >= p.peak && held <= 4 * p.peak);
    pool_run(&p, 1);
    pool_is_whole(&p);
    assert_int_equal(p.allocations, allocations);
    pool_run(&p, 2);
    allocations = p.allocations;
    pool_run(&p, 1);
    pool_run(&p, 2);
    assert_int_equal(p.allocations, allocations);
    gan__pool_free(&p);
    for (int bit = 48; bit < (int)sizeof(size_t) * 8; bit++)
        assert_null(gan__pool_take(&p, (size_t)1 << bit));
    assert_null(gan__pool_take(&p, SIZE_MAX));
    gan__pool_free(&p);
}

static void pool_references(void **state) {
    gan__pool p = {0};
    gan__buffer *a = gan__pool_take(&p, 1024), *b = gan__pool_take(&p, 2048);
    (void)state;
    void *place = a->data;
    assert_int_equal(p.in_use, 3072);
    a->refs++;
    gan__pool_release(&p, a);
    assert_int_equal(p.in_use, 3072);
    gan__pool_release(&p, a);
    assert_int_equal(p.in_use, 2048);
    gan__buffer *c = gan__pool_take(&p, 512), *d = gan__pool_take(&p, 513);
    assert_ptr_equal(c->data, place); /* the lowest place that is wide enough */
    assert_true((char *)d->data > (char *)b->data);
    assert_int_equal(p.peak, 3136);
    gan__pool_release(&p, b);
    gan__pool_release(&p, c);
    gan__pool_release(&p, d);
    gan__pool_release(&p, NULL);
    pool_is_whole(&p);
    gan__pool_free(&p);
}

/* --- random numbers --- */

/* Random123's known answers for philox4x32 with 10 rounds, whose counters are (block, stream,
 * step). */
static void known_answers(void **state) {
    static const uint32_t zeros[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    static const uint32_t pi[] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    gan_rng a = gan_rng_make(0, 0, 0);
    gan_rng b = gan_rng_make(0x299f31d0a4093822, 0x85a308d3, 0x0370734413198a2e);
    (void)state;
    b.index = 0x243f6a88u * 4;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gan_rng_bits(&a), zeros[i]);
        assert_int_equal(gan_rng_bits(&b), pi[i]);
    }
    assert_int_equal(a.index, 4);
}

/* A number depends on the four fields alone, and on each of them. */
static void replays(void **state) {
    gan_rng base = gan_rng_make(1, 2, 3), r = base, other[4] = {base, base, base, base};
    gan_real a[7], b[7];
    (void)state;
    for (int i = 0; i < 5; i++) gan_rng_bits(&r);
    gan_rng copy = r;
    for (int i = 0; i < 9; i++) assert_int_equal(gan_rng_bits(&r), gan_rng_bits(&copy));
    other[0].seed = 0x100000001, other[1].stream = 3, other[2].step = 0x100000003;
    other[3].index = 1;
    uint32_t first = gan_rng_bits(&base);
    for (int i = 0; i < 4; i++) assert_int_not_equal(gan_rng_bits(&other[i]), first);
    gan_rng whole = gan_rng_make(1, 2, 3), parts = whole;
    gan_rng_fill_normal(&whole, a, 7, 0, 1);
    gan_rng_fill_normal(&parts, b, 4, 0, 1), gan_rng_fill_normal(&parts, b + 4, 3, 0, 1);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(whole.index, 8);
    whole = gan_rng_make(1, 2, 3), parts = whole;
    gan_rng_fill_uniform(&whole, a, 7, -1, 1);
    gan_rng_fill_uniform(&parts, b, 3, -1, 1), gan_rng_fill_uniform(&parts, b + 3, 4, -1, 1);
    assert_memory_equal(a, b, sizeof a);
}

/* Mean and variance of n draws lie within six standard errors. */
static void moments(const gan_real *x, size_t n, double mean, double var, double fourth) {
    double sum = 0, squares = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) {
        assert_true(isfinite((double)x[i]));
        sum += (double)x[i];
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    }
    assert_true(fabs(sum / count - mean) < 6 * sqrt(var / count));
    assert_true(fabs(squares / count - var) < 6 * sqrt((fourth - var * var) / count));
}

static void distributions(void **state) {
    enum { N = 1 << 20 };
    gan_real *x = malloc(N * sizeof *x);
    gan_rng r = gan_rng_make(4, 5, 6);
    (void)state;
    assert_non_null(x);
    gan_rng_fill_uniform(&r, x, N, -1, 3);
    for (int i = 0; i < N; i++) assert_true(x[i] >= -1 && x[i] <= 3);
    moments(x, N, 1, 4.0 / 3, 16.0 / 5);
    gan_rng_fill_normal(&r, x, N, 2, 0.5);
    moments(x, N, 2, 0.25, 3.0 / 16);
    for (int i = 0; i < N; i++) {
        double u = gan_rng_uniform(&r);
        assert_true(u >= 0 && u < 1);
    }
    free(x);
}

static void whole_numbers(void **state) {
    static const uint32_t sides[] = {1, 2, 3, 7, 10, 1000};
    gan_rng r = gan_rng_make(7, 8, 9), half = gan_rng_make(7, 8, 10);
    (void)state;
    for (int i = 0; i < COUNT(sides); i++) {
        uint32_t n = sides[i], draws = 1000 * (n < 100 ? n : 100), count[1000] = {0};
        double each = (double)draws / n;
        for (uint32_t k = 0; k < draws; k++) {
            uint32_t v = gan_rng_below(&r, n);
            assert_true(v < n);
            count[v]++;
        }
        for (uint32_t k = 0; k < n; k++) assert_true(fabs(count[k] - each) < 6 * sqrt(each) + 1);
    }
    for (int k = 0; k < 1000; k++) /* every second draw is rejected here */
        assert_true(gan_rng_below(&half, 0x80000001) <= 0x80000000);
    assert_in_range(half.index, 1800, 2200);
}

/* --- messages, partition --- */

static void messages(void **state) {
    gan_error err = {0};
    char big[700];
    (void)state;
    memset(big, 'x', sizeof big - 1), big[sizeof big - 1] = 0;
    assert_string_equal(gan_status_text(GAN_OK), "success");
    assert_string_equal(gan_status_text(GAN_ESTOPPED), "stopped on request");
    assert_string_equal(gan_status_text((gan_status)99), "unknown status");
    assert_true(strlen(gan_version()) > 0);
    assert_int_equal(gan__fail(NULL, GAN_EIO, "unseen"), GAN_EIO);
    assert_int_equal(gan__prefix(NULL, GAN_EIO, "unseen"), GAN_EIO);
    assert_int_equal(gan__fail_memory(&err), GAN_ENOMEM);
    assert_string_equal(err.text, "out of memory; a smaller batch or width needs less");
    assert_int_equal(gan__fail(&err, GAN_EFORMAT, "bad byte %d", 7), GAN_EFORMAT);
    assert_int_equal(gan__prefix(&err, err.code, "file %s", "a.png"), GAN_EFORMAT);
    assert_int_equal(err.code, GAN_EFORMAT);
    assert_string_equal(err.text, "file a.png: bad byte 7");
    gan__prefix(&err, GAN_EDATA, "%s", big);
    assert_int_equal(strlen(err.text), 253 + 2 + 22);
    assert_string_equal(err.text + 253, ": file a.png: bad byte 7");
    gan__fail(&err, GAN_EIO, "%s", big);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    gan__prefix(&err, GAN_EIO, "p");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "p: xxx", 6);
}

static void partition(void **state) {
    (void)state;
    assert_int_equal(gan__tiles(0, 10), 0);
    assert_int_equal(gan__tiles(10, 10), 1);
    assert_int_equal(gan__tiles(11, 10), 2);
    assert_int_equal(gan__team(4, 0), 1);
    assert_int_equal(gan__team(4, 3), 3);
    assert_int_equal(gan__team(4, 100), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations),     cmocka_unit_test(growing),
        cmocka_unit_test(arenas),          cmocka_unit_test(pool_random),
        cmocka_unit_test(pool_references), cmocka_unit_test(known_answers),
        cmocka_unit_test(replays),         cmocka_unit_test(distributions),
        cmocka_unit_test(whole_numbers),   cmocka_unit_test(messages),
        cmocka_unit_test(partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
