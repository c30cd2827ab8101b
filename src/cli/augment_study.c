/* SPDX-License-Identifier: MIT */
#include "cli/augment_study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

enum { PATH_ROOM = 4096, STREAM_ORDER = 1 };

static size_t size_of(const study *b) {
    return (size_t)(b->config.height * b->config.width * b->config.channels);
}

static void free_images(study_images *im) {
    free(im->pixels), free(im->labels);
    *im = (study_images){0};
}

static gan_status make_images(study_images *im, size_t count, size_t values, gan_error *err) {
    *im =
        (study_images){count, malloc(count * values + 1), malloc((count + 1) * sizeof *im->labels)};
    return im->pixels && im->labels ? GAN_OK : bench_no_memory(err);
}

static gan_classifier_images borrow(const study_images *im) {
    return (gan_classifier_images){im->count, im->pixels, im->labels};
}

/* --- the data --- */

static gan_status open_set(const study *b, const char *path, gan_dataset **out, gan_error *err) {
    gan_config c = b->config;
    gan_status s = gan_config_set(&c, "data", path, err);
    if (!s) s = gan_config_set(&c, "holdout", "0", err);
    if (!s) s = gan_config_open_data(&c, out, err);
    if (!s && !gan_dataset_classes(*out))
        s = cli_error(
            err, GAN_EDATA,
            "%.300s has no labels; take an IDX file beside its labels, or --class-folders", path);
    return s;
}

/* Labels of the two sets mean the same; folders of classes have names, IDX files only numbers. */
static gan_status agree(const gan_dataset *all, const gan_dataset *test, const char *path,
                        gan_error *err) {
    const int n = gan_dataset_classes(all);
    if (gan_dataset_classes(test) != n)
        return cli_error(err, GAN_EDATA, "%.300s has %d classes, --data %d", path,
                         gan_dataset_classes(test), n);
    for (int i = 0; i < n; i++) {
        const char *name = gan_dataset_class_name(all, i), *other = gan_dataset_class_name(test, i);
        if (name && other && strcmp(name, other) != 0)
            return cli_error(err, GAN_EDATA,
                             "class %d is '%.100s' in %.300s and '%.100s' in --data; both need the "
                             "same class folders",
                             i, other, path, name);
    }
    return GAN_OK;
}

static gan_status read_set(const study *b, gan_dataset *ds, study_images *out, gan_error *err) {
    gan_status s = make_images(out, gan_dataset_train_count(ds), size_of(b), err);
    return s ? s : bench_read_images(ds, out->count, out->pixels, out->labels, err);
}

/* The first n of each class in an order of the seed. */
static gan_status choose(const study *b, long long n, uint64_t seed, study_images *out,
                         gan_error *err) {
    gan_rng r = gan_rng_make(seed, STREAM_ORDER, 0);
    long long *taken = calloc((size_t)b->classes, sizeof *taken);
    uint32_t *order = malloc(b->all.count * sizeof *order);
    gan_status s = make_images(out, (size_t)(n * b->classes), size_of(b), err);
    if (!taken || !order) s = bench_no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < b->all.count && !s; i++) {
        size_t k = gan_rng_below(&r, (uint32_t)i + 1);
        order[i] = order[k], order[k] = (uint32_t)i;
    }
    for (size_t i = 0; i < b->all.count && !s; i++) {
        int label = b->all.labels[order[i]];
        if (taken[label]++ >= n) continue;
        memcpy(out->pixels + count * size_of(b), b->all.pixels + order[i] * size_of(b), size_of(b));
        out->labels[count++] = label;
    }
    for (int k = 0; k < b->classes && !s; k++)
        if (taken[k] < n)
            s = cli_error(err, GAN_EDATA, "class %d has %lld images, fewer than --per-class %lld",
                          k, taken[k], n);
    free(taken), free(order);
    return s;
}

/* --- the generator --- */

static void path_of(const study *b, const char *what, long long n, uint64_t seed,
                    const char *ending, char *path) {
    snprintf(path, PATH_ROOM, "%s/%s-%lld-seed-%llu.%s", b->dir, what, n, (unsigned long long)seed,
             ending);
}

static gan_status train_to(gan_config *c, gan_dataset *ds, const char *g_path, const char *d_path,
                           gan_error *err) {
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_trainer *tr = NULL;
    gan_status s = gan_config_take_classes(c, ds, err);
    gan_network_config of_g = gan_config_generator(c), of_d = gan_config_discriminator(c);
    if (!s) s = gan_generator_create(&of_g, &g, err);
    if (!s) s = gan_discriminator_create(&of_d, &d, err);
    if (!s) s = gan_trainer_create(c, g, d, ds, &tr, err);
    if (!s) s = gan_trainer_initialise(tr, err);
    while (!s && !gan_trainer_done(tr)) s = gan_trainer_step(tr, &(gan_report){0}, err);
    if (!s) s = gan_trainer_save_networks(tr, g_path, d_path, err);
    gan_trainer_free(tr);
    gan_discriminator_free(d);
    gan_generator_free(g);
    return s;
}

static gan_status train_generator(const study *b, const study_images *real, long long n,
                                  uint64_t seed, gan_error *err) {
    char g_path[PATH_ROOM], d_path[PATH_ROOM];
    gan_config c = b->config;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *ds = NULL;
    path_of(b, "generator", n, seed, "safetensors", g_path);
    path_of(b, "discriminator", n, seed, "safetensors", d_path);
    o.height = (int)c.height, o.width = (int)c.width, o.channels = (int)c.channels, o.holdout = 0;
    c.seed = (int64_t)seed, c.holdout = 0;
    gan_status s = gan_dataset_from_memory(real->pixels, real->count, o.height, o.width, o.channels,
                                           real->labels, &o, &ds, err);
    if (!s) s = train_to(&c, ds, g_path, d_path, err);
    gan_dataset_free(ds);
    return s;
}

static gan_status draw_into(gan_generator *g, const study *b, const char *picture, uint64_t seed,
                            study_images *out, gan_error *err) {
    const int shown = (int)(out->count < 100 ? out->count : 100);
    gan_real *z = malloc(out->count * (size_t)gan_generator_config(g)->nz * sizeof *z);
    gan_real *x = malloc(out->count * size_of(b) * sizeof *x);
    gan_status s = z && x ? GAN_OK : bench_no_memory(err);
    for (size_t i = 0; i < out->count; i++) out->labels[i] = (int)(i % (size_t)b->classes);
    if (!s) gan_sample_noise(g, seed, 0, out->count, z);
    if (!s) s = gan_sample(g, z, out->labels, out->count, x, (int)b->config.threads, err);
    if (!s) gan_image_from_real(x, out->count * size_of(b), out->pixels);
    if (!s)
        s = gan_image_write_grid(picture, shown, (int)b->config.height, (int)b->config.width,
                                 (int)b->config.channels, x, b->classes < 10 ? b->classes : 10,
                                 err);
    free(z), free(x);
    return s;
}

static gan_status generate(const study *b, long long n, uint64_t seed, study_images *out,
                           gan_error *err) {
    char path[PATH_ROOM], picture[PATH_ROOM];
    gan_generator *g = NULL;
    path_of(b, "generator", n, seed, "safetensors", path);
    path_of(b, "samples", n, seed, "png", picture);
    gan_status s = make_images(out, (size_t)(b->made * b->classes), size_of(b), err);
    if (!s) s = gan_generator_load(path, &g, err);
    if (!s) s = draw_into(g, b, picture, seed, out, err);
    gan_generator_free(g);
    return s;
}

/* --- the classifiers --- */

/* Generated images, and the real ones again and again until they are as many. */
static gan_status join(const study *b, const study_images *real, const study_images *made,
                       study_images *out, gan_error *err) {
    const size_t size = size_of(b);
    gan_status s = make_images(out, 2 * made->count, size, err);
    for (size_t i = 0; i < out->count && !s; i++) {
        const study_images *from = i % 2 ? made : real;
        size_t k = i / 2 % from->count;
        memcpy(out->pixels + i * size, from->pixels + k * size, size);
        out->labels[i] = from->labels[k];
    }
    return s;
}

static gan_status judge(const study *b, const study_images *train, uint64_t seed, double *right,
                        gan_error *err) {
    gan_classifier_config o = GAN_CLASSIFIER_DEFAULTS;
    gan_classifier *c = NULL;
    o.height = b->config.height, o.width = b->config.width, o.channels = b->config.channels;
    o.classes = b->classes, o.seed = seed, o.threads = (int)b->config.threads;
    const gan_classifier_images seen = borrow(train), unseen = borrow(&b->test);
    gan_status s = gan_classifier_create(&o, &c, err);
    if (!s) s = gan_classifier_train(c, &seen, b->steps, err);
    if (!s) s = gan_classifier_accuracy(c, &unseen, right, err);
    gan_classifier_free(c);
    return s;
}

gan_status study_run(study *b, int row, int run, gan_error *err) {
    const uint64_t seed = (uint64_t)(b->first + run);
    const long long n = b->per_class[row];
    study_images of[STUDY_KINDS] = {{0}};
    gan_status s = choose(b, n, seed, &of[STUDY_REAL], err);
    if (!s) s = train_generator(b, &of[STUDY_REAL], n, seed, err);
    if (!s) s = generate(b, n, seed, &of[STUDY_MADE], err);
    if (!s) s = join(b, &of[STUDY_REAL], &of[STUDY_MADE], &of[STUDY_BOTH], err);
    for (int k = 0; k < STUDY_KINDS && !s; k++)
        s = judge(b, &of[k], seed, &b->right[row][k][run], err);
    if (!s)
        fprintf(
            stderr,
            "gan: %lld real images a class, seed %llu: real %.2f, generated %.2f, both %.2f %%\n",
            n, (unsigned long long)seed, 100 * b->right[row][STUDY_REAL][run],
            100 * b->right[row][STUDY_MADE][run], 100 * b->right[row][STUDY_BOTH][run]);
    for (int k = 0; k < STUDY_KINDS; k++) free_images(&of[k]);
    return s;
}

gan_status study_read(study *b, const char *test, gan_error *err) {
    gan_dataset *all = NULL, *other = NULL;
    gan_status s = open_set(b, b->config.data, &all, err);
    if (!s) s = open_set(b, test, &other, err);
    if (!s) s = agree(all, other, test, err);
    if (!s) b->classes = gan_dataset_classes(all);
    if (!s) s = read_set(b, all, &b->all, err);
    if (!s) s = read_set(b, other, &b->test, err);
    gan_dataset_free(all);
    gan_dataset_free(other);
    return s;
}

void study_free(study *b) {
    free_images(&b->all), free_images(&b->test);
}
