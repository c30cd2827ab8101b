/* SPDX-License-Identifier: MIT
 *
 * swd - the sliced Wasserstein distance between a generator's pictures and those of a data set.
 *
 *     swd MODEL DATA [COUNT]        MODEL: generator.safetensors, or the folder of a run
 *
 * Both sets, COUNT pictures each (1024), are projected on 512 random directions of unit length; a
 * distance is the mean over directions of the root mean square difference of the sorted projections.
 * Prints that of the generator, and beside it the one between two halves of the data: the floor. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gan.h>

enum { DIRECTIONS = 512, BATCH = 64 };

static int fail(const gan_error *err) {
    return fprintf(stderr, "swd: %s\n", err->code ? err->text : "out of memory"), 1;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* out[i] = the i-th smallest product of a picture with the direction. */
static void project(const gan_real *pictures, size_t n, size_t size, const gan_real *direction,
                    double *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t k = 0; k < size; k++) out[i] += (double)(pictures[i * size + k] * direction[k]);
    }
    qsort(out, n, sizeof *out, rising);
}

static double distance(const gan_real *a, const gan_real *b, size_t n, size_t size) {
    gan_real *direction = malloc(size * sizeof *direction);
    double *pa = malloc(n * sizeof *pa), *pb = malloc(n * sizeof *pb), total = 0;
    for (uint64_t d = 0; d < DIRECTIONS && direction && pa && pb; d++) {
        gan_rng r = gan_rng_make(1, 1, d);
        double length = 0, squares = 0;
        gan_rng_fill_normal(&r, direction, size, 0, 1);
        for (size_t k = 0; k < size; k++) length += (double)(direction[k] * direction[k]);
        project(a, n, size, direction, pa);
        project(b, n, size, direction, pb);
        for (size_t i = 0; i < n; i++) squares += (pa[i] - pb[i]) * (pa[i] - pb[i]);
        total += sqrt(squares / (double)n / length);
    }
    free(direction), free(pa), free(pb);
    return total / DIRECTIONS;
}

/* `count` pictures of the data set, in the loader's order. */
static gan_status read_data(const gan_network_config *c, const char *path, size_t count,
                            gan_real *out, gan_error *err) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_loader_options lo = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_dataset *ds = NULL;
    gan_loader *loader = NULL;
    o.height = (int)c->height, o.width = (int)c->width, o.channels = (int)c->channels;
    o.holdout = 0;
    lo.batch = BATCH;
    gan_status s = gan_dataset_open(path, &o, &ds, err);
    if (!s) s = gan_loader_create(ds, &lo, &loader, err);
    for (size_t at = 0; at < count && !s; at += BATCH)
        s = gan_loader_next(loader, out + at * (size_t)(c->height * c->width * c->channels), NULL,
                            err);
    gan_loader_free(loader);
    gan_dataset_free(ds);
    return s;
}

int main(int argc, char **argv) {
    gan_error err = {0};
    gan_generator *g = NULL;
    if (argc < 3) return fprintf(stderr, "usage: swd MODEL DATA [COUNT]\n"), 2;
    size_t count = (argc > 3 ? strtoull(argv[3], NULL, 10) : 1024) / BATCH * BATCH;
    if (gan_generator_load(argv[1], &g, &err)) return fail(&err);
    const gan_network_config *c = gan_generator_config(g);
    size_t size = (size_t)(c->height * c->width * c->channels), nz = (size_t)c->nz;
    gan_real *z = malloc(count * nz * sizeof *z), *fake = malloc(count * size * sizeof *fake);
    gan_real *real = malloc(2 * count * size * sizeof *real);
    if (!z || !fake || !real) return fail(&err);
    gan_sample_noise(g, 7, 0, count, z);
    if (gan_sample(g, z, NULL, count, fake, 0, &err)) return fail(&err);
    if (read_data(c, argv[2], 2 * count, real, &err)) return fail(&err);
    printf("%.5f %.5f\n", distance(fake, real, count, size),
           distance(real + count * size, real, count, size));
    free(z), free(fake), free(real);
    gan_generator_free(g);
    return 0;
}
