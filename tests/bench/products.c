/* SPDX-License-Identifier: MIT
 *
 * products - matrix products by the loops of this machine beside those of BLAS, on one core.
 *
 *     export OPENBLAS_NUM_THREADS=1
 *     products                              GFLOP/s, the best of ROUNDS, of the shapes in the table
 *     OPENBLAS_CORETYPE=SkylakeX products   with OpenBLAS told its processor */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel/product.h"

enum { ROUNDS = 7 };

/* c[m][n] of k terms: of transformers, of gan bench modes, of first and last layers, thin. */
static const struct shape {
    int m, n, k;
} shapes[] = {{512, 1024, 256}, {512, 256, 1024},   {100, 400, 400}, {100, 1000, 200},
              {256, 512, 512},  {1024, 1024, 1024}, {64, 8192, 100}, {64, 100, 8192},
              {16, 256, 256},   {8, 256, 256},      {100, 2, 400}};

/* As they are, b transposed, a transposed. */
static const struct side {
    const char *name;
    int ta, tb;
} sides[] = {{"ab", 0, 0}, {"ab'", 0, 1}, {"a'b", 1, 0}};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void blas(const struct shape *s, const struct side *d, const float *a, const float *b,
                 float *c) {
    cblas_sgemm(CblasRowMajor, d->ta ? CblasTrans : CblasNoTrans, d->tb ? CblasTrans : CblasNoTrans,
                s->m, s->n, s->k, 1, a, d->ta ? s->m : s->k, b, d->tb ? s->k : s->n, 0, c, s->n);
}

static void ours(const struct shape *s, const struct side *d, const float *a, const float *b,
                 float *c) {
    gan__product_run(gan__machine_here(), d->ta, d->tb, 1, s->m, s->n, s->k, a, b, c, 1);
}

static double rate(void (*multiply)(const struct shape *, const struct side *, const float *,
                                    const float *, float *),
                   const struct shape *s, const struct side *d, const float *a, const float *b,
                   float *c) {
    double flops = 2.0 * s->m * s->n * s->k, best = 0;
    int times = flops < 1e8 ? (int)(1e8 / flops) : 1;
    for (int i = 0; i < ROUNDS; i++) {
        double before = now();
        for (int k = 0; k < times; k++) multiply(s, d, a, b, c);
        double r = times * flops / (now() - before) / 1e9;
        best = r > best ? r : best;
    }
    return best;
}

static float *numbers(size_t n) {
    float *x = malloc(n * sizeof *x);
    for (size_t i = 0; x && i < n; i++) x[i] = (float)rand() / (float)RAND_MAX - 0.5F;
    return x;
}

int main(void) {
    printf("%s; ours, BLAS\n%-16s", gan__machine_here()->name, "m n k");
    for (int k = 0; k < 3; k++) printf("%16s", sides[k].name);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct shape *s = &shapes[i];
        size_t m = (size_t)s->m, n = (size_t)s->n, terms = (size_t)s->k;
        float *a = numbers(m * terms), *b = numbers(terms * n), *c = numbers(m * n);
        if (!a || !b || !c) return 1;
        printf("\n%4d %5d %5d ", s->m, s->n, s->k);
        for (int k = 0; k < 3; k++)
            printf("%8.1f%8.1f", rate(ours, s, &sides[k], a, b, c),
                   rate(blas, s, &sides[k], a, b, c));
        free(a), free(b), free(c);
    }
    puts("");
    return 0;
}
