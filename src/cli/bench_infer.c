/* SPDX-License-Identifier: MIT
 *
 * The generator as a program that samples would run it: evaluation mode, one tape, nothing
 * recorded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/pin.h"

enum { MOST_BATCHES = 2, MOST_RUNS = 1000 };

static const char *const shared[] = {"size",   "channels", "arch",    "nz", "width",
                                     "norm-g", "seed",     "threads", NULL};
static const cli_option own[] = {
    {"batch", "N", "bench", "images at once", "1 and 64"},
    {"runs", "N", "bench", "passes that are timed", "20"},
    {"json", NULL, "bench", "one JSON object instead of a table", NULL},
};
static const bench_options options = {shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

typedef struct pass {
    int batch;
    bench_times s;
    double flops;
} pass;

typedef struct job {
    gan_config config;
    gan_generator *g;
    gan_tape *t;
    gan_tensor *z;
    int runs, threads, count;
    pass passes[MOST_BATCHES];
} job;

static gan_status prepare(job *j, gan_error *err) {
    gan_network_config gc = gan_config_generator(&j->config);
    gan_status s = gan_generator_create(&gc, &j->g, err);
    if (s) return s;
    gan_parameters_initialise(gan_generator_parameters(j->g), (gan_init)j->config.init,
                              (uint64_t)j->config.seed, 0);
    j->t = gan_tape_create(j->threads);
    return j->t ? GAN_OK : bench_no_memory(err);
}

static void forward(void *user) {
    job *j = user;
    const gan_pass eval = GAN_PASS_EVAL;
    gan_tape_reset(j->t);
    gan_tape_record(j->t, 0);
    gan_generator_forward(j->t, j->g, j->z, NULL, &eval);
}

/* The flops of one pass, from a profile of it. */
static double flops_of(job *j) {
    gan_profile *p = gan_profile_create();
    gan_tape_profile(j->t, p);
    forward(j);
    double flops = p ? bench_profile_flops(p) : 0;
    gan_tape_profile(j->t, NULL);
    gan_profile_free(p);
    return flops;
}

static gan_status measure(job *j, pass *p, gan_error *err) {
    j->z = gan_tensor_create(2, (int64_t[]){p->batch, j->config.nz});
    if (!j->z) return bench_no_memory(err);
    gan_sample_noise(j->g, (uint64_t)j->config.seed, 0, (size_t)p->batch, gan_tensor_edit(j->z));
    p->s = bench_time(NULL, forward, j, j->runs);
    p->flops = flops_of(j);
    gan_tensor_free(j->z);
    if (gan_tape_status(j->t)) *err = *gan_tape_error(j->t);
    return gan_tape_status(j->t);
}

/* --- what it gives --- */

static int report(const job *j) {
    printf("%6s %10s %10s %10s %12s %8s   %d threads, %s, median of %d, peak memory %.0f MiB\n",
           "batch", "ms", "min", "max", "images/s", "GFLOP/s", j->threads, gan_machine_name(),
           j->runs, bench_peak_rss_mib());
    for (int i = 0; i < j->count; i++) {
        const pass *p = &j->passes[i];
        printf("%6d %10.3f %10.3f %10.3f %12.1f %8.1f\n", p->batch, 1e3 * p->s.median,
               1e3 * p->s.min, 1e3 * p->s.max, p->batch / p->s.median,
               p->flops / p->s.median / 1e9);
    }
    return EXIT_DONE;
}

static int report_json(const job *j) {
    json_t *r = json_object(), *list = json_array();
    json_object_set_new(r, "bench", json_string("infer"));
    json_t *about = bench_report(&options, &j->config, j->threads);
    json_object_update(r, about);
    json_decref(about);
    json_object_set_new(r, "peak_rss_mib", json_real(bench_peak_rss_mib()));
    for (int i = 0; i < j->count; i++) {
        const pass *p = &j->passes[i];
        json_t *item = json_pack("{s:i}", "batch", p->batch);
        bench_add_times(item, "ms", p->s);
        json_object_set_new(item, "images_per_second", json_real(p->batch / p->s.median));
        json_object_set_new(item, "gflops", json_real(p->flops / p->s.median / 1e9));
        json_array_append_new(list, item);
    }
    json_object_set_new(r, "runs", json_integer(j->runs));
    json_object_set_new(r, "batches", list);
    return bench_print(r);
}

/* --- the command --- */

static void free_job(job *j) {
    gan_tape_free(j->t);
    gan_generator_free(j->g);
}

static int run(const cli_line *line) {
    long long batch = 0, runs = 20;
    gan_error err = {0};
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "'%s' is not an option; see gan bench infer --help",
                        line->rest[0]);
    if (!cli_integer(line, "batch", 1, 1000000, &batch) ||
        !cli_integer(line, "runs", 1, MOST_RUNS, &runs))
        return EXIT_USAGE;
    job j = {.runs = (int)runs, .count = batch ? 1 : 2, .passes = {{.batch = 1}, {.batch = 64}}};
    if (batch) j.passes[0].batch = (int)batch;
    gan_status s = bench_config(&options, line, &j.config, &err);
    if (!s) pin_threads(j.config.threads);
    j.threads = bench_threads(j.config.threads);
    if (!s) s = prepare(&j, &err);
    for (int i = 0; i < j.count && !s; i++) s = measure(&j, &j.passes[i], &err);
    int code = s ? cli_refuse(&err) : cli_flag(line, "json") ? report_json(&j) : report(&j);
    free_job(&j);
    return code;
}

const cli_command cli_bench_infer = {
    .name = "bench infer",
    .summary = "times the generator alone",
    .usage = "bench infer [options]",
    .option_at = option_at,
    .run = run,
};
