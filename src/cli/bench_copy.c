/* SPDX-License-Identifier: MIT
 *
 * What memory can do at most: a copy between arrays that no cache holds. */
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

typedef struct work {
    int threads;
    char *from, *to;
    size_t bytes;
} work;

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
