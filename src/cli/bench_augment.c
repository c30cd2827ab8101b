/* SPDX-License-Identifier: MIT
 *
 * What generated images are worth to a classifier that has few real ones. Of a labelled set, n images of
 * each class are taken; a conditional generator is trained on them alone; a classifier is trained on the
 * real ones, on generated ones, and on both in equal parts, for the same number of steps, and reads a
 * test set. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bench.h"
#include "cli/modes.h"

static const char *const shared[] = {"data",
                                     "size",
                                     "channels",
                                     "class-folders",
                                     "arch",
                                     "width",
                                     "nz",
                                     "norm-g",
                                     "norm-d",
                                     "spectral-d",
                                     "loss",
                                     "penalty",
                                     "penalty-every",
                                     "n-critic",
                                     "augment",
                                     "augment-p",
                                     "flip",
                                     "condition-g",
                                     "condition-d",
                                     "optimizer",
                                     "lr-g",
                                     "lr-d",
                                     "beta1",
                                     "beta2",
                                     "batch",
                                     "ema",
                                     "steps",
                                     "threads",
                                     NULL};

static const char *const defaults[] = {
    "size", "28",          "channels",    "1",          "width", "16",   "batch",
    "64",   "condition-g", "concat",      "beta1",      "0.5",   "lr-g", "4e-4",
    "lr-d", "1e-4",        "condition-d", "projection", "ema",   "0.99", "steps",
    "2000", "augment",     "diffaugment", NULL};

static const cli_option own[] = {
    {"test", "PATH", "bench", "labelled images that nothing is trained on", NULL},
    {"per-class", "LIST", "bench", "real images of each class: a row for each number", "10,50"},
    {"made", "N", "bench", "generated images of each class", "1000"},
    {"classifier-steps", "N", "bench", "of batch 100", "1000"},
    {"seeds", "N", "bench", "runs, each of other real images", "3"},
    {"first-seed", "N", "bench", "the seed of the first; those of the others follow", "1"},
    {"out", "DIR", "bench", "folder of generators and their pictures", "augment"},
    {"json", NULL, "bench", "one JSON object instead of a table", NULL},
};
static const bench_options options = {shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

enum { MOST_SEEDS = 64, MOST_ROWS = 16, PATH_ROOM = 4096, STREAM_ORDER = 1 };
enum { REAL, MADE, BOTH, KINDS };
static const char *const kinds[KINDS] = {"real", "generated", "both"};

/* Bytes and labels, owned. */
typedef struct images {
    size_t count;
    uint8_t *pixels;
    int *labels;
} images;

typedef struct bench {
    gan_config config;
    images all, test;
    size_t values; /* of an image */
    int classes;
    long long per_class[MOST_ROWS], made, steps, seeds, first;
    int rows;
    const char *dir;
    double right[MOST_ROWS][KINDS][MOST_SEEDS]; /* parts */
} bench;

static void free_images(images *im) {
    free(im->pixels), free(im->labels);
    *im = (images){0};
}

static gan_status make_images(images *im, size_t count, size_t values, gan_error *err) {
    *im = (images){count, malloc(count * values + 1), malloc((count + 1) * sizeof *im->labels)};
    return im->pixels && im->labels ? GAN_OK : bench_no_memory(err);
}

static gan_classifier_images borrow(const images *im) {
    return (gan_classifier_images){im->count, im->pixels, im->labels};
}

/* --- the data --- */

static gan_status copy(gan_dataset *ds, size_t values, images *out, gan_error *err) {
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *loader = NULL;
    o.batch = 1, o.prefetch = 0;
    gan_real *x = malloc(values * sizeof *x);
    gan_status s =
        x ? make_images(out, gan_dataset_train_count(ds), values, err) : bench_no_memory(err);
    if (!s) s = gan_loader_create(ds, &o, &loader, err);
    for (size_t i = 0; i < out->count && !s; i++) {
        s = gan_loader_next(loader, x, out->labels + i, err);
        if (!s) gan_image_from_real(x, values, out->pixels + i * values);
    }
    gan_loader_free(loader);
    free(x);
    return s;
}

static gan_status read_set(bench *b, const char *path, images *out, gan_error *err) {
    gan_config c = b->config;
    gan_dataset *ds = NULL;
    gan_status s = gan_config_set(&c, "data", path, err);
    if (!s) s = gan_config_set(&c, "holdout", "0", err);
    if (!s) s = gan_config_open_data(&c, &ds, err);
    if (!s && !gan_dataset_classes(ds))
        s = cli_error(
            err, GAN_EDATA,
            "%.300s has no labels; take an IDX file beside its labels, or --class-folders", path);
    if (!s && b->classes && gan_dataset_classes(ds) != b->classes)
        s = cli_error(err, GAN_EDATA, "%.300s has %d classes, --data %d", path,
                      gan_dataset_classes(ds), b->classes);
    if (!s) b->classes = gan_dataset_classes(ds);
    if (!s) s = copy(ds, b->values, out, err);
    gan_dataset_free(ds);
    return s;
}

/* The first n of each class in an order of the seed. */
static gan_status choose(const bench *b, long long n, uint64_t seed, images *out, gan_error *err) {
    gan_rng r = gan_rng_make(seed, STREAM_ORDER, 0);
    long long *taken = calloc((size_t)b->classes, sizeof *taken);
    uint32_t *order = malloc(b->all.count * sizeof *order);
    gan_status s = make_images(out, (size_t)(n * b->classes), b->values, err);
    if (!taken || !order) s = bench_no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < b->all.count && !s; i++) {
        size_t k = gan_rng_below(&r, (uint32_t)i + 1);
        order[i] = order[k], order[k] = (uint32_t)i;
    }
    for (size_t i = 0; i < b->all.count && !s; i++) {
        int label = b->all.labels[order[i]];
        if (taken[label]++ >= n) continue;
        memcpy(out->pixels + count * b->values, b->all.pixels + order[i] * b->values, b->values);
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

static void path_of(const bench *b, const char *what, long long n, uint64_t seed,
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

static gan_status train_generator(const bench *b, const images *real, long long n, uint64_t seed,
                                  gan_error *err) {
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

static gan_status draw_into(gan_generator *g, const bench *b, const char *picture, uint64_t seed,
                            images *out, gan_error *err) {
    const int shown = (int)(out->count < 100 ? out->count : 100);
    gan_real *z = malloc(out->count * (size_t)gan_generator_config(g)->nz * sizeof *z);
    gan_real *x = malloc(out->count * b->values * sizeof *x);
    gan_status s = z && x ? GAN_OK : bench_no_memory(err);
    for (size_t i = 0; i < out->count; i++) out->labels[i] = (int)(i % (size_t)b->classes);
    if (!s) gan_sample_noise(g, seed, 0, out->count, z);
    if (!s) s = gan_sample(g, z, out->labels, out->count, x, (int)b->config.threads, err);
    if (!s) gan_image_from_real(x, out->count * b->values, out->pixels);
    if (!s)
        s = gan_image_write_grid(picture, shown, (int)b->config.height, (int)b->config.width,
                                 (int)b->config.channels, x, b->classes < 10 ? b->classes : 10,
                                 err);
    free(z), free(x);
    return s;
}

static gan_status generate(const bench *b, long long n, uint64_t seed, images *out,
                           gan_error *err) {
    char path[PATH_ROOM], picture[PATH_ROOM];
    gan_generator *g = NULL;
    path_of(b, "generator", n, seed, "safetensors", path);
    path_of(b, "samples", n, seed, "png", picture);
    gan_status s = make_images(out, (size_t)(b->made * b->classes), b->values, err);
    if (!s) s = gan_generator_load(path, &g, err);
    if (!s) s = draw_into(g, b, picture, seed, out, err);
    gan_generator_free(g);
    return s;
}

/* --- the classifiers --- */

/* Generated images, and the real ones again and again until they are as many. */
static gan_status join(const bench *b, const images *real, const images *made, images *out,
                       gan_error *err) {
    const size_t size = b->values;
    gan_status s = make_images(out, 2 * made->count, size, err);
    for (size_t i = 0; i < out->count && !s; i++) {
        const images *from = i % 2 ? made : real;
        size_t k = i / 2 % from->count;
        memcpy(out->pixels + i * size, from->pixels + k * size, size);
        out->labels[i] = from->labels[k];
    }
    return s;
}

static gan_status judge(const bench *b, const images *train, uint64_t seed, double *right,
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

static gan_status run_one(bench *b, int row, int run, gan_error *err) {
    const uint64_t seed = (uint64_t)(b->first + run);
    const long long n = b->per_class[row];
    images of[KINDS] = {{0}};
    gan_status s = choose(b, n, seed, &of[REAL], err);
    if (!s) s = train_generator(b, &of[REAL], n, seed, err);
    if (!s) s = generate(b, n, seed, &of[MADE], err);
    if (!s) s = join(b, &of[REAL], &of[MADE], &of[BOTH], err);
    for (int k = 0; k < KINDS && !s; k++) s = judge(b, &of[k], seed, &b->right[row][k][run], err);
    if (!s)
        fprintf(
            stderr,
            "gan: %lld real images a class, seed %llu: real %.2f, generated %.2f, both %.2f %%\n",
            n, (unsigned long long)seed, 100 * b->right[row][REAL][run],
            100 * b->right[row][MADE][run], 100 * b->right[row][BOTH][run]);
    for (int k = 0; k < KINDS; k++) free_images(&of[k]);
    return s;
}

/* --- what is asked for --- */

static gan_status take_rows(bench *b, const char *text, gan_error *err) {
    for (const char *at = text;; at++) {
        char *end;
        long long n = strtoll(at, &end, 10);
        if (end == at || n < 1 || n > 1000000 || (*end && *end != ','))
            return cli_error(
                err, GAN_EINVAL,
                "--per-class is '%.100s'; it must be numbers from 1 to 1000000 with commas "
                "between them",
                text);
        if (b->rows == MOST_ROWS)
            return cli_error(err, GAN_EINVAL, "--per-class has more than %d numbers", MOST_ROWS);
        b->per_class[b->rows++] = n;
        if (!*end) return GAN_OK;
        at = end;
    }
}

static int take_numbers(bench *b, const cli_line *line) {
    b->made = 1000, b->steps = 1000, b->seeds = 3, b->first = 1;
    return cli_integer(line, "made", 1, 1000000, &b->made) &&
           cli_integer(line, "classifier-steps", 1, 1000000, &b->steps) &&
           cli_integer(line, "seeds", 1, MOST_SEEDS, &b->seeds) &&
           cli_integer(line, "first-seed", 0, 9007199254740991LL, &b->first);
}

static gan_status prepare(bench *b, const cli_line *line, gan_error *err) {
    gan_status s = bench_config_over(&options, line, defaults, &b->config, err);
    if (!s) s = take_rows(b, cli_value(line, "per-class", "10,50"), err);
    b->values = (size_t)(b->config.height * b->config.width * b->config.channels);
    if (!s) s = read_set(b, b->config.data, &b->all, err);
    if (!s) s = read_set(b, cli_value(line, "test", NULL), &b->test, err);
    if (!s && mkdir(b->dir, 0777) && errno != EEXIST)
        s = cli_error(err, GAN_EIO, "cannot make the folder %.300s: %s", b->dir, strerror(errno));
    return s;
}

/* --- reports --- */

static int report(const bench *b, int as_json) {
    json_t *rows = json_array(), *o = bench_report(&options, &b->config, (int)b->config.threads);
    if (!as_json)
        printf("%% right of %zu images, mean and standard error over %lld "
               "seeds\n\n%-18s%16s%16s%16s\n",
               b->test.count, b->seeds, "real a class", kinds[REAL], kinds[MADE], kinds[BOTH]);
    for (int i = 0; i < b->rows; i++) {
        json_t *row = json_pack("{s:I}", "per_class", (json_int_t)b->per_class[i]);
        if (!as_json) printf("%-18lld", b->per_class[i]);
        for (int k = 0; k < KINDS; k++) {
            modes_summary m = modes_summarise(b->right[i][k], (int)b->seeds);
            if (!as_json) printf("%9.2f +-%5.2f", 100 * m.mean, 100 * m.error);
            json_object_set_new(row, kinds[k], json_pack("[f, f]", 100 * m.mean, 100 * m.error));
        }
        if (!as_json) putchar('\n');
        json_array_append_new(rows, row);
    }
    json_object_set_new(o, "bench", json_string("augment"));
    json_object_set_new(o, "classifier_steps", json_integer(b->steps));
    json_object_set_new(o, "made_per_class", json_integer(b->made));
    json_object_set_new(o, "seeds", json_integer(b->seeds));
    json_object_set_new(o, "rows", rows);
    if (as_json) return bench_print(o);
    json_decref(o);
    return EXIT_DONE;
}

static int run(const cli_line *line) {
    gan_error err = {0};
    gan_status s = GAN_OK;
    if (line->rest_count || !cli_value(line, "data", NULL) || !cli_value(line, "test", NULL))
        return cli_fail(
            EXIT_USAGE,
            "--data PATH and --test PATH are wanted, and options; see gan bench augment --help");
    bench *b = calloc(1, sizeof *b);
    if (!b) return cli_fail(EXIT_FAILED, "out of memory");
    b->dir = cli_value(line, "out", "augment");
    if (!take_numbers(b, line)) return free(b), EXIT_USAGE;
    s = prepare(b, line, &err);
    for (int i = 0; i < b->rows && !s; i++)
        for (int k = 0; k < b->seeds && !s; k++) s = run_one(b, i, k, &err);
    int code = s ? cli_refuse(&err) : report(b, cli_flag(line, "json"));
    free_images(&b->all), free_images(&b->test);
    free(b);
    return code;
}

static void notes(void) {
    printf(
        "Takes n images of each class, trains a conditional generator on them alone, and a small\n"
        "classifier (gan/classifier.h) on the real ones, on generated ones, and on both in equal\n"
        "parts, for the same number of steps; tells how many of the test images each reads "
        "right.\n");
}

const cli_command cli_bench_augment = {
    .name = "bench augment",
    .summary = "what generated images are worth to a classifier that has few real ones",
    .usage = "bench augment --data PATH --test PATH [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
