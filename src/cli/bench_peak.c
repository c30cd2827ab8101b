/* SPDX-License-Identifier: MIT
 *
 * STAND-IN: to be replaced by gan_machine_fma_peak() of gan/machine.h when that is there.
 *
 * What the machine can do at most: fused multiply-adds on registers alone, and a copy between
 * arrays that no cache holds. Twelve sums side by side hide the latency of each. */
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

enum { SUMS = 12, ROUNDS = 1 << 22 };

typedef float lanes4 __attribute__((vector_size(16)));
typedef float lanes8 __attribute__((vector_size(32)));
typedef float lanes16 __attribute__((vector_size(64)));

/* A loop over SUMS vectors that the compiler can neither fold nor drop. */
#define PEAK_LOOP(name, lanes, attributes)                                                         \
    attributes static float name(float by) {                                                       \
        lanes s[SUMS], a = {by}, b = {by};                                                         \
        float sum = 0;                                                                             \
        for (int k = 0; k < SUMS; k++) s[k] = a;                                                   \
        for (int i = 0; i < ROUNDS; i++) {                                                         \
            s[0] = s[0] * a + b, s[1] = s[1] * a + b, s[2] = s[2] * a + b;                         \
            s[3] = s[3] * a + b, s[4] = s[4] * a + b, s[5] = s[5] * a + b;                         \
            s[6] = s[6] * a + b, s[7] = s[7] * a + b, s[8] = s[8] * a + b;                         \
            s[9] = s[9] * a + b, s[10] = s[10] * a + b, s[11] = s[11] * a + b;                     \
        }                                                                                          \
        for (int k = 0; k < SUMS; k++) sum += s[k][0];                                             \
        return sum;                                                                                \
    }

typedef struct loop {
    float (*run)(float by);
    int lanes;
} loop;

PEAK_LOOP(sums4, lanes4, )
#if defined(__x86_64__)
PEAK_LOOP(sums8, lanes8, __attribute__((target("avx2,fma"))))
PEAK_LOOP(sums16, lanes16, __attribute__((target("avx512f"))))

static loop widest(void) {
    if (__builtin_cpu_supports("avx512f")) return (loop){sums16, 16};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return (loop){sums8, 8};
    return (loop){sums4, 4};
}
#else
static loop widest(void) {
    return (loop){sums4, 4};
}
#endif

typedef struct work {
    loop l;
    int threads;
    float sum;
    char *from, *to;
    size_t bytes;
} work;

static void multiply(void *user) {
    work *w = user;
    float sum = 0;
#pragma omp parallel for num_threads(w->threads) reduction(+ : sum)
    for (int i = 0; i < w->threads; i++) sum += w->l.run(0.5F + (float)i / 1024);
    w->sum += sum;
}

double bench_fma_peak(int threads) {
    work w = {.l = widest(), .threads = threads};
    bench_times s = bench_time(NULL, multiply, &w, 5);
    return w.sum > 0 ? 2.0 * w.l.lanes * SUMS * ROUNDS * threads / s.min : 0;
}

static void copy(void *user) {
    work *w = user;
    size_t part = w->bytes / (size_t)w->threads;
#pragma omp parallel for num_threads(w->threads)
    for (int i = 0; i < w->threads; i++)
        memcpy(w->to + (size_t)i * part, w->from + (size_t)i * part, part);
}

double bench_copy_rate(int threads) {
    work w = {.threads = threads, .bytes = (size_t)96 << 20};
    w.from = malloc(w.bytes), w.to = malloc(w.bytes);
    double rate = 0;
    if (w.from && w.to) {
        memset(w.from, 1, w.bytes);
        rate = 2 * (double)w.bytes / bench_time(NULL, copy, &w, 5).median;
    }
    free(w.from);
    free(w.to);
    return rate;
}
