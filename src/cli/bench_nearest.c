/* SPDX-License-Identifier: MIT
 *
 * Whether a generator repeats the images that it was trained on. Each image that it makes is
 * compared with each of those (mirrored as well, where training mirrored them), and so are the
 * held-out images, which tell how near an image lies that nobody has copied. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

static const cli_option options[] = {
    {"model", "DIR", NULL, "folder of a run of --task generate with images held out", NULL},
    {"count", "N", NULL, "images to make", "1000"},
    {"draw", "FILE.png", NULL,
     "the 32 that are nearest, each beside the image that it is nearest to", NULL},
    {"seed", "N", NULL, "of the latent vectors", "1"},
    {"threads", "N", NULL, "0: one for each processor", "0"},
    {"json", NULL, NULL, "one JSON object instead of a table", NULL},
};

static const cli_option *option_at(int i) {
    return i < (int)(sizeof options / sizeof *options) ? &options[i] : NULL;
}

enum {
    DRAWN = 32,
    DRAWN_ACROSS = 8,
    RANK = 20 /* one held-out image in so many may lie near by chance */
};

/* Images as bytes [count][size]; of each, which training image is nearest, and how near in grey
 * levels. */
typedef struct images {
    size_t count;
    uint8_t *pixels;
    size_t *nearest;
    double *distance;
} images;

typedef struct job {
    gan_config config;
    gan_generator *g;
    gan_dataset *data;
    size_t size; /* of an image */
    uint64_t seed;
    int threads;
    images trained, held, made;
    double diversity_trained, diversity_made;
} job;

static void free_images(images *im) {
    free(im->pixels), free(im->nearest), free(im->distance);
}

static void free_job(job *j) {
    free_images(&j->trained), free_images(&j->held), free_images(&j->made);
    gan_dataset_free(j->data);
    gan_generator_free(j->g);
}

static gan_status make_images(const job *j, size_t count, images *im, gan_error *err) {
    im->count = count;
    im->pixels = malloc(count * j->size);
    im->nearest = calloc(count, sizeof *im->nearest);
    im->distance = calloc(count, sizeof *im->distance);
    return im->pixels && im->nearest && im->distance ? GAN_OK : bench_no_memory(err);
}

/* --- the run --- */

static gan_status check_run(const job *j, const char *dir, gan_error *err) {
    const gan_network_config *g = gan_generator_config(j->g);
    const gan_config *c = &j->config;
    if (strcmp(c->task, "generate"))
        return cli_error(err, GAN_EINVAL, "%.300s is a run of --task %.32s, not generate", dir,
                         c->task);
    if (g->height != c->height || g->width != c->width || g->channels != c->channels)
        return cli_error(err, GAN_EDATA,
                         "the generator in %.300s is not of its config.json, which makes images of "
                         "%lldx%lldx%lld",
                         dir, (long long)c->height, (long long)c->width, (long long)c->channels);
    return GAN_OK;
}

static gan_status open_job(job *j, const char *dir, gan_error *err) {
    char path[GAN_TEXT + 32];
    snprintf(path, sizeof path, "%s/config.json", dir);
    gan_config_init(&j->config);
    gan_status s = gan_config_read(&j->config, path, err);
    if (!s) s = gan_generator_load(dir, &j->g, err);
    if (!s) s = check_run(j, dir, err);
    if (!s) s = gan_config_open_data(&j->config, &j->data, err);
    if (!s && gan_dataset_holdout_count(j->data) == 0)
        s = cli_error(
            err, GAN_EDATA,
            "%.300s held no images out, so nothing tells how near a new image lies; train "
            "it with --holdout 0.1",
            dir);
    j->size = (size_t)(j->config.height * j->config.width * j->config.channels);
    return s;
}

/* --- the three sets of images --- */

static void mirror(const job *j, const uint8_t *from, uint8_t *to) {
    size_t c = (size_t)j->config.channels, w = (size_t)j->config.width;
    for (size_t row = 0; row < j->size; row += w * c)
        for (size_t x = 0; x < w; x++) memcpy(to + row + x * c, from + row + (w - 1 - x) * c, c);
}

static gan_status read_trained(job *j, gan_error *err) {
    size_t n = gan_dataset_train_count(j->data);
    gan_status s = make_images(j, j->config.flip ? 2 * n : n, &j->trained, err);
    int *labels = malloc(n * sizeof *labels);
    if (!s && !labels) s = bench_no_memory(err);
    if (!s) s = bench_read_images(j->data, n, j->trained.pixels, labels, err);
    free(labels);
    for (size_t i = n; i < j->trained.count && !s; i++)
        mirror(j, j->trained.pixels + (i - n) * j->size, j->trained.pixels + i * j->size);
    return s;
}

static gan_status read_held(job *j, gan_error *err) {
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *loader = NULL;
    o.batch = 1, o.prefetch = 0;
    gan_real *x = malloc(j->size * sizeof *x);
    gan_status s = make_images(j, gan_dataset_holdout_count(j->data), &j->held, err);
    if (!s) s = x ? gan_loader_create(j->data, &o, &loader, err) : bench_no_memory(err);
    for (size_t i = 0; i < j->held.count && !s; i++) {
        s = gan_loader_holdout(loader, i, x, NULL, err);
        if (!s) gan_image_from_real(x, j->size, j->held.pixels + i * j->size);
    }
    gan_loader_free(loader);
    free(x);
    return s;
}

static gan_status make(job *j, size_t count, gan_error *err) {
    gan_real *z = malloc(count * (size_t)gan_generator_config(j->g)->nz * sizeof *z);
    gan_real *x = malloc(count * j->size * sizeof *x);
    gan_status s = make_images(j, count, &j->made, err);
    if (!s && (!z || !x)) s = bench_no_memory(err);
    if (!s) gan_sample_noise(j->g, j->seed, 0, count, z);
    if (!s) s = gan_sample(j->g, z, NULL, count, x, j->threads, err);
    if (!s) gan_image_from_real(x, count * j->size, j->made.pixels);
    free(z), free(x);
    return s;
}

/* --- distances --- */

static double between(const uint8_t *a, const uint8_t *b, size_t size) {
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        int d = a[i] - b[i];
        sum += (uint64_t)(d * d);
    }
    return sqrt((double)sum / (double)size);
}

static void find_nearest(const job *j, images *im) {
    for (size_t i = 0; i < im->count; i++) {
        im->distance[i] = INFINITY;
        for (size_t k = 0; k < j->trained.count; k++) {
            double d = between(im->pixels + i * j->size, j->trained.pixels + k * j->size, j->size);
            if (d < im->distance[i]) im->distance[i] = d, im->nearest[i] = k;
        }
    }
}

static double mean_distance(const images *im) {
    double sum = 0;
    for (size_t i = 0; i < im->count; i++) sum += im->distance[i];
    return sum / (double)im->count;
}

/* Of the held-out images those nearest, which do not count. */
static size_t left_out(const job *j) {
    return j->held.count / RANK;
}

/* The part of the images made that lie nearer than every held-out one but those left out. */
static double part_too_near(job *j) {
    size_t near = 0;
    qsort(j->held.distance, j->held.count, sizeof *j->held.distance, bench_by_size);
    double bound = j->held.distance[left_out(j)];
    for (size_t i = 0; i < j->made.count; i++) near += j->made.distance[i] < bound;
    return (double)near / (double)j->made.count;
}

/* What that part would be if images made were as new as those held out: all ranks among them are then
 * equally likely. */
static double part_expected(const job *j) {
    return (double)(left_out(j) + 1) / (double)(j->held.count + 1);
}

/* Of the first of both, as many as there are of either. */
static gan_status find_diversity(job *j, gan_error *err) {
    size_t trained = gan_dataset_train_count(j->data);
    size_t n = j->made.count < trained ? j->made.count : trained;
    gan_real *x = malloc(n * j->size * sizeof *x);
    if (!x) return bench_no_memory(err);
    gan_image_to_real(j->made.pixels, n * j->size, x);
    j->diversity_made = n > 1 ? 127.5 * gan_diversity((int64_t)n, (int64_t)j->size, x) : 0;
    gan_image_to_real(j->trained.pixels, n * j->size, x);
    j->diversity_trained = n > 1 ? 127.5 * gan_diversity((int64_t)n, (int64_t)j->size, x) : 0;
    free(x);
    return GAN_OK;
}

/* --- what is told --- */

static int nearer(const void *a, const void *b) {
    return bench_by_size(*(const double *const *)a, *(const double *const *)b);
}

/* Row by row: an image made, the image that it is nearest to. */
static gan_status draw(const job *j, const char *path, gan_error *err) {
    size_t n = j->made.count, shown = n < DRAWN ? n : DRAWN;
    const double **order = malloc(n * sizeof *order);
    gan_real *x = malloc(2 * shown * j->size * sizeof *x);
    gan_status s = order && x ? GAN_OK : bench_no_memory(err);
    for (size_t i = 0; i < n && !s; i++) order[i] = &j->made.distance[i];
    if (!s) qsort(order, n, sizeof *order, nearer);
    for (size_t i = 0; i < shown && !s; i++) {
        size_t k = (size_t)(order[i] - j->made.distance);
        gan_image_to_real(j->made.pixels + k * j->size, j->size, x + 2 * i * j->size);
        gan_image_to_real(j->trained.pixels + j->made.nearest[k] * j->size, j->size,
                          x + (2 * i + 1) * j->size);
    }
    if (!s)
        s = gan_image_write_grid(path, (int)(2 * shown), (int)j->config.height,
                                 (int)j->config.width, (int)j->config.channels, x, DRAWN_ACROSS,
                                 err);
    free(order), free(x);
    return s;
}

static void report(job *j, int as_json) {
    double made = mean_distance(&j->made), held = mean_distance(&j->held),
           near = 100 * part_too_near(j), expected = 100 * part_expected(j);
    if (as_json) {
        json_t *o = json_pack(
            "{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "bench", "nearest", "trained_on",
            (json_int_t)gan_dataset_train_count(j->data), "held_out", (json_int_t)j->held.count,
            "made", (json_int_t)j->made.count, "nearest_made", made, "nearest_held_out", held,
            "too_near", near, "too_near_expected", expected, "diversity_made", j->diversity_made,
            "diversity_trained_on", j->diversity_trained);
        bench_print(o);
        return;
    }
    char but[32] = "";
    if (left_out(j)) snprintf(but, sizeof but, " but %zu", left_out(j));
    printf("%zu images made by a generator trained on %zu, of which %zu were held out\n"
           "Differences of images are root mean squares, in grey levels\n\n",
           j->made.count, gan_dataset_train_count(j->data) + j->held.count, j->held.count);
    printf("to the nearest training image: made %.1f, held out %.1f (means)\n"
           "made, and nearer than all%s of the held-out ones: %.1f %% (%.1f, were they as new)\n"
           "between two images: made %.1f, training %.1f (means)\n",
           made, held, but, near, expected, j->diversity_made, j->diversity_trained);
}

static gan_status measure(job *j, size_t count, const char *picture, gan_error *err) {
    gan_status s = read_trained(j, err);
    if (!s) s = read_held(j, err);
    if (!s) s = make(j, count, err);
    if (!s) s = find_diversity(j, err);
    if (s) return s;
    find_nearest(j, &j->held);
    find_nearest(j, &j->made);
    return picture ? draw(j, picture, err) : GAN_OK;
}

static int run(const cli_line *line) {
    long long n = 1000, seed = 1, threads = 0;
    const char *model = cli_value(line, "model", NULL);
    gan_error err = {0};
    if (line->rest_count || !model)
        return cli_fail(EXIT_USAGE, "--model DIR is wanted: the folder of a run");
    if (!cli_integer(line, "count", 1, 100000, &n) ||
        !cli_integer(line, "seed", 0, 9007199254740991LL, &seed) ||
        !cli_integer(line, "threads", 0, 1024, &threads))
        return EXIT_USAGE;
    job j = {.seed = (uint64_t)seed, .threads = (int)threads};
    gan_status s = open_job(&j, model, &err);
    if (!s) s = measure(&j, (size_t)n, cli_value(line, "draw", NULL), &err);
    if (!s) report(&j, cli_flag(line, "json"));
    free_job(&j);
    return s ? cli_refuse(&err) : EXIT_DONE;
}

const cli_command cli_bench_nearest = {
    .name = "bench nearest",
    .summary = "whether a generator repeats the images that it was trained on",
    .usage = "bench nearest --model DIR [options]",
    .option_at = option_at,
    .run = run,
};
