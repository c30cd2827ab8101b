/* SPDX-License-Identifier: MIT
 *
 * Steps are timed first, without a profile, and a few more are run under one: so the figures of the
 * headline are those of a training run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/pin.h"

enum { MOST_STEPS = 100000, MOST_PROFILED = 5 };

static const char *const shared[] = {
    "size",     "channels",    "task",        "scale",         "flip",       "arch",
    "arch-g",   "arch-d",      "nz",          "width",         "depth",      "norm-g",
    "norm-d",   "spectral-g",  "spectral-d",  "stddev",        "pack",       "attention",
    "classes",  "condition-g", "condition-d", "dropout",       "loss",       "penalty",
    "add",      "adversarial", "image-pool",  "penalty-every", "augment",    "augment-p",
    "n-critic", "optimizer",   "clip-norm",   "batch",         "accumulate", "ema",
    "seed",     "threads",     NULL};
static const cli_option own[] = {
    {"norm", "KIND", "bench", "--norm-g and --norm-d in one", NULL},
    {"steps", "N", "bench", "steps that are timed; a few more are profiled", "10"},
    {"warmup", "N", "bench", "steps before them", "3"},
    {"json", NULL, "bench", "one JSON object instead of tables", NULL},
};
static const bench_options options = {shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

typedef struct job {
    gan_config config;
    gan_dataset *data;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
    gan_profile *profile;
    int steps, warmup, profiled, threads;
    double *seconds;         /* [steps] */
    double profiled_seconds; /* a step */
    double allocations, rss_mib, images;
} job;

static void free_job(job *j) {
    gan_trainer_free(j->tr);
    gan_generator_free(j->g);
    gan_discriminator_free(j->d);
    gan_dataset_free(j->data);
    gan_profile_free(j->profile);
    free(j->seconds);
}

/* --- what is trained --- */

/* Two batches of noise: the loader works as in a run, and the set takes next to no memory. */
static gan_status make_data(job *j, gan_error *err) {
    const gan_config *c = &j->config;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_rng r = gan_rng_make((uint64_t)c->seed, 0, 0);
    int64_t wide = c->width * gan_config_pictures(c);
    size_t n = 2 * (size_t)c->batch, bytes = n * (size_t)(c->height * wide * c->channels);
    uint8_t *pixels = malloc(bytes);
    int *labels = malloc(n * sizeof *labels);
    gan_status s = pixels && labels ? GAN_OK : bench_no_memory(err);
    for (size_t i = 0; i < bytes && !s; i++) pixels[i] = (uint8_t)gan_rng_bits(&r);
    for (size_t i = 0; i < n && !s; i++) labels[i] = c->classes ? (int)(i % (size_t)c->classes) : 0;
    o.height = (int)c->height, o.width = (int)wide, o.channels = (int)c->channels;
    o.holdout = 0;
    if (!s)
        s = gan_dataset_from_memory(pixels, n, o.height, o.width, o.channels,
                                    c->classes ? labels : NULL, &o, &j->data, err);
    free(pixels), free(labels);
    return s;
}

static gan_status prepare(job *j, gan_error *err) {
    gan_network_config gc = gan_config_generator(&j->config),
                       dc = gan_config_discriminator(&j->config);
    gan_status s = gan_generator_create(&gc, &j->g, err);
    if (!s) s = gan_discriminator_create(&dc, &j->d, err);
    if (!s) s = make_data(j, err);
    if (!s) s = gan_trainer_create(&j->config, j->g, j->d, j->data, &j->tr, err);
    if (!s) s = gan_trainer_initialise(j->tr, err);
    if (s) return s;
    j->profile = gan_profile_create();
    j->seconds = malloc((size_t)j->steps * sizeof *j->seconds);
    return j->profile && j->seconds ? GAN_OK : bench_no_memory(err);
}

/* --- the steps --- */

static gan_status run_steps(job *j, int n, double *seconds, gan_error *err) {
    gan_report r = {0};
    gan_status s = GAN_OK;
    double batches = 0;
    for (int i = 0; i < n && !s; i++) {
        double before = bench_seconds();
        s = gan_trainer_step(j->tr, &r, err);
        if (seconds) seconds[i] = bench_seconds() - before;
        batches += r.n_critic ? (double)r.n_critic : 1; /* where D rests G takes one */
    }
    if (seconds) j->images = batches / n * (double)(j->config.batch * j->config.accumulate);
    return s;
}

static gan_status measure(job *j, gan_error *err) {
    gan_status s = run_steps(j, j->warmup, NULL, err);
    size_t before = gan_trainer_memory(j->tr).allocations;
    if (!s) s = run_steps(j, j->steps, j->seconds, err);
    if (s) return s;
    j->allocations = (double)(gan_trainer_memory(j->tr).allocations - before) / j->steps;
    j->rss_mib = bench_peak_rss_mib();
    gan_trainer_profile(j->tr, j->profile);
    double began = bench_seconds();
    s = run_steps(j, j->profiled, NULL, err);
    j->profiled_seconds = (bench_seconds() - began) / j->profiled;
    return s;
}

/* --- what it gives --- */

static int report(job *j) {
    bench_times s = bench_summary(j->seconds, j->steps);
    double flops = bench_profile_flops(j->profile) / j->profiled;
    printf("%.1f ms a step (median of %d, %.1f to %.1f), %.1f images/s, %.1f GFLOP/s\n",
           1e3 * s.median, j->steps, 1e3 * s.min, 1e3 * s.max, j->images / s.median,
           flops / s.median / 1e9);
    printf("%.1f GFLOP a step, %d threads, %s, peak memory %.0f MiB, %.4g allocations a step\n",
           flops / 1e9, j->threads, gan_machine_name(), j->rss_mib, j->allocations);
    bench_print_profile(j->profile, j->profiled, j->profiled_seconds);
    return EXIT_DONE;
}

static int report_json(job *j) {
    bench_times s = bench_summary(j->seconds, j->steps);
    double flops = bench_profile_flops(j->profile) / j->profiled;
    json_t *r = json_object();
    json_object_set_new(r, "bench", json_string("step"));
    bench_add_times(r, "ms_per_step", s);
    json_object_set_new(r, "images_per_second", json_real(j->images / s.median));
    json_object_set_new(r, "gflops", json_real(flops / s.median / 1e9));
    json_object_set_new(r, "gflop_per_step", json_real(flops / 1e9));
    json_object_set_new(r, "peak_rss_mib", json_real(j->rss_mib));
    json_object_set_new(r, "allocations_per_step", json_real(j->allocations));
    json_object_set_new(r, "steps", json_integer(j->steps));
    json_object_set_new(r, "warmup", json_integer(j->warmup));
    json_t *about = bench_report(&options, &j->config, j->threads);
    json_object_update(r, about);
    json_decref(about);
    json_object_set_new(r, "ms_per_profiled_step", json_real(1e3 * j->profiled_seconds));
    json_object_set_new(r, "parts", bench_profile_parts(j->profile, j->profiled));
    json_object_set_new(r, "ops", bench_profile_ops(j->profile, j->profiled));
    return bench_print(r);
}

/* --- the command --- */

/* --norm stands for the two, which win over it. The task that wants a second data set gets noise too. */
static gan_status settings(job *j, const cli_line *line, gan_error *err) {
    static const char *const second[] = {"data-b", "noise", NULL};
    const char *norm = cli_value(line, "norm", NULL);
    int wants_second = !strcmp(cli_value(line, "task", "generate"), "cycle");
    gan_status s =
        bench_config_over(&options, line, second + (wants_second ? 0 : 2), &j->config, err);
    if (s || !norm) return s;
    if (!cli_value(line, "norm-g", NULL)) s = gan_config_set(&j->config, "norm-g", norm, err);
    if (!s && !cli_value(line, "norm-d", NULL)) s = gan_config_set(&j->config, "norm-d", norm, err);
    return s ? s : gan_config_resolve(&j->config, err);
}

static int run(const cli_line *line) {
    long long steps = 10, warmup = 3;
    gan_error err = {0};
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "'%s' is not an option; see gan bench step --help",
                        line->rest[0]);
    if (!cli_integer(line, "steps", 1, MOST_STEPS, &steps) ||
        !cli_integer(line, "warmup", 0, MOST_STEPS, &warmup))
        return EXIT_USAGE;
    job j = {.steps = (int)steps, .warmup = (int)warmup};
    j.profiled = j.steps < MOST_PROFILED ? j.steps : MOST_PROFILED;
    gan_status s = settings(&j, line, &err);
    if (!s) pin_threads(j.config.threads);
    j.threads = bench_threads(j.config.threads);
    if (!s) s = prepare(&j, &err);
    if (!s) s = measure(&j, &err);
    int code = s ? cli_refuse(&err) : cli_flag(line, "json") ? report_json(&j) : report(&j);
    free_job(&j);
    return code;
}

static void notes(void) {
    printf("Trains on random pictures. A GFLOP counts each convolution as its direct sum, a\n"
           "multiply-add as two; GB/s counts operands and results once.\n");
}

const cli_command cli_bench_step = {
    .name = "bench step",
    .summary = "times a training step, and tells where its time goes",
    .usage = "bench step [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
