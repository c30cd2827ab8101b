/* SPDX-License-Identifier: MIT
 *
 * Super-resolution in decibels: the held-out pictures of a run made smaller, and made larger again by
 * its generator, and by interpolation. PSNR = 10 log10(255^2 / mean square error) of a picture, mean
 * over pictures; a picture is rounded to bytes first. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

static const cli_option options[] = {
    {"model", "DIR", NULL, "folder of a run of --task superres", NULL},
    {"data", "DIR", NULL, "pictures, in place of the run's held-out ones", NULL},
    {"threads", "N", NULL, "0: one for each processor", "0"},
    {"json", NULL, NULL, "one JSON object instead of a table", NULL},
};

static const cli_option *option_at(int i) {
    return i < (int)(sizeof options / sizeof *options) ? &options[i] : NULL;
}

enum { NEAREST, BILINEAR, BICUBIC, MODEL, WAYS };
static const char *const ways[WAYS] = {"nearest", "bilinear", "bicubic", "model"};

typedef struct job {
    gan_config config;
    gan_generator *g;
    gan_dataset *data;
    gan_loader *loader;
    size_t count;
    int threads, held_out;
    int64_t h, w, c, scale;
    gan_real *picture, *small, *large;
    uint8_t *want, *got;
    double psnr[WAYS]; /* sums, then means */
} job;

static void free_job(job *j) {
    gan_loader_free(j->loader);
    gan_dataset_free(j->data);
    gan_generator_free(j->g);
    free(j->picture), free(j->small), free(j->large), free(j->want), free(j->got);
}

/* --- interpolation, with half-pixel centres and the border repeated --- */

/* Weight of a pixel at distance x; the cubic is Keys's with a = -0.5. */
static double kernel(int way, double x) {
    x = fabs(x);
    if (way == NEAREST) return x < 0.5 ? 1 : 0;
    if (way == BILINEAR) return x < 1 ? 1 - x : 0;
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static int64_t inside(int64_t i, int64_t n) {
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* The value at (y, x) of the small picture's grid. */
static double at(const job *j, int way, double y, double x, int64_t c) {
    int64_t h = j->h / j->scale, w = j->w / j->scale, y0 = (int64_t)floor(y),
            x0 = (int64_t)floor(x);
    double sum = 0;
    for (int64_t a = y0 - 1; a <= y0 + 2; a++)
        for (int64_t b = x0 - 1; b <= x0 + 2; b++)
            sum += kernel(way, y - (double)a) * kernel(way, x - (double)b) *
                   (double)j->small[(inside(a, h) * w + inside(b, w)) * j->c + c];
    return sum;
}

static void interpolate(job *j, int way) {
    gan_real *out = j->large;
    for (int64_t i = 0; i < j->h; i++)
        for (int64_t k = 0; k < j->w; k++)
            for (int64_t c = 0; c < j->c; c++)
                *out++ = (gan_real)at(j, way, ((double)i + 0.5) / (double)j->scale - 0.5,
                                      ((double)k + 0.5) / (double)j->scale - 0.5, c);
}

/* As the task does it: the mean of each block. */
static void shrink(job *j) {
    gan_real *out = j->small;
    int64_t s = j->scale;
    for (int64_t i = 0; i < j->h / s; i++)
        for (int64_t k = 0; k < j->w / s; k++)
            for (int64_t c = 0; c < j->c; c++) {
                double sum = 0;
                for (int64_t a = 0; a < s * s; a++)
                    sum += (double)j->picture[((i * s + a / s) * j->w + k * s + a % s) * j->c + c];
                *out++ = (gan_real)(sum / (double)(s * s));
            }
}

/* --- the pictures --- */

static double decibels(job *j) {
    size_t n = (size_t)(j->h * j->w * j->c);
    double sum = 0;
    gan_image_from_real(j->picture, n, j->want);
    gan_image_from_real(j->large, n, j->got);
    for (size_t i = 0; i < n; i++) {
        double d = (double)j->want[i] - (double)j->got[i];
        sum += d * d;
    }
    return sum > 0 ? 10 * log10(255 * 255 * (double)n / sum) : 99;
}

static gan_status measure(job *j, size_t i, gan_error *err) {
    gan_status s = j->held_out ? gan_loader_holdout(j->loader, i, j->picture, NULL, err)
                               : gan_loader_next(j->loader, j->picture, NULL, err);
    if (s) return s;
    shrink(j);
    for (int way = NEAREST; way <= BICUBIC; way++) {
        interpolate(j, way);
        j->psnr[way] += decibels(j) / (double)j->count;
    }
    s = gan_apply(j->g, j->small, j->h / j->scale, j->w / j->scale, 0, 0, 0, j->large, j->threads,
                  err);
    if (!s) j->psnr[MODEL] += decibels(j) / (double)j->count;
    return s;
}

/* The settings tell how large the pictures are, and the generator may be of another run. */
static gan_status check_generator(const job *j, const char *dir, gan_error *err) {
    const gan_network_config *g = gan_generator_config(j->g);
    const gan_config *c = &j->config;
    if (g->source_channels == c->channels && g->channels == c->channels &&
        g->height == g->source_height * c->scale && g->width == g->source_width * c->scale)
        return GAN_OK;
    return cli_error(
        err, GAN_EDATA,
        "the generator in %.300s is not of its config.json, which makes pictures of %lld "
        "channels %lld times larger",
        dir, (long long)c->channels, (long long)c->scale);
}

static gan_status open_job(job *j, const char *dir, const char *data, gan_error *err) {
    char path[GAN_TEXT + 32];
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    snprintf(path, sizeof path, "%s/config.json", dir);
    gan_config_init(&j->config);
    gan_status s = gan_config_read(&j->config, path, err);
    if (!s && strcmp(j->config.task, "superres"))
        s = cli_error(err, GAN_EINVAL, "%.300s is a run of --task %.32s, not superres", dir,
                      j->config.task);
    if (data) snprintf(j->config.data, sizeof j->config.data, "%s", data), j->config.holdout = 0;
    if (!s) s = gan_generator_load(dir, &j->g, err);
    if (!s) s = check_generator(j, dir, err);
    if (!s) s = gan_config_open_data(&j->config, &j->data, err);
    if (s) return s;
    o.batch = 1, o.prefetch = 0;
    j->held_out = gan_dataset_holdout_count(j->data) > 0;
    j->count = j->held_out ? gan_dataset_holdout_count(j->data) : gan_dataset_train_count(j->data);
    return gan_loader_create(j->data, &o, &j->loader, err);
}

static gan_status measure_all(job *j, gan_error *err) {
    j->h = j->config.height, j->w = j->config.width, j->c = j->config.channels;
    j->scale = j->config.scale;
    size_t n = (size_t)(j->h * j->w * j->c);
    j->picture = malloc(n * sizeof *j->picture), j->small = malloc(n * sizeof *j->small);
    j->large = malloc(n * sizeof *j->large);
    j->want = malloc(n), j->got = malloc(n);
    if (!j->picture || !j->small || !j->large || !j->want || !j->got) return bench_no_memory(err);
    gan_status s = GAN_OK;
    for (size_t i = 0; i < j->count && !s; i++) s = measure(j, i, err);
    return s;
}

static void report(const job *j, int as_json) {
    json_t *o = json_pack("{s:s, s:I, s:I}", "bench", "upscale", "pictures", (json_int_t)j->count,
                          "scale", (json_int_t)j->scale);
    if (!as_json)
        printf(
            "%zu %s pictures of %lldx%lld, made %lld times smaller and larger again; PSNR in dB\n",
            j->count, j->held_out ? "held-out" : "given", (long long)j->h, (long long)j->w,
            (long long)j->scale);
    for (int way = 0; way < WAYS; way++) {
        json_object_set_new(o, ways[way], json_real(j->psnr[way]));
        if (!as_json) printf("  %-10s %6.2f\n", ways[way], j->psnr[way]);
    }
    if (as_json) json_dumpf(o, stdout, JSON_INDENT(4)), putchar('\n');
    json_decref(o);
}

static int run(const cli_line *line) {
    long long threads = 0;
    gan_error err = {0};
    job j = {0};
    if (line->rest_count || !cli_value(line, "model", NULL))
        return cli_fail(EXIT_USAGE, "--model DIR is wanted: the folder of a run of superres");
    if (!cli_integer(line, "threads", 0, 1024, &threads)) return EXIT_USAGE;
    j.threads = (int)threads;
    gan_status s =
        open_job(&j, cli_value(line, "model", NULL), cli_value(line, "data", NULL), &err);
    if (!s) s = measure_all(&j, &err);
    if (!s) report(&j, cli_flag(line, "json"));
    free_job(&j);
    return s ? cli_refuse(&err) : EXIT_DONE;
}

const cli_command cli_bench_upscale = {
    .name = "bench upscale",
    .summary = "how far a super-resolution generator is above interpolation",
    .usage = "bench upscale --model DIR [options]",
    .option_at = option_at,
    .run = run,
};
