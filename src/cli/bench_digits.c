/* SPDX-License-Identifier: MIT
 *
 * Whether a generator of MNIST's digits draws the ones that it is asked for, as a digit classifier
 * reads them. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench.h"
#include "cli/digit_classifier.h"

static const cli_option options[] = {
    {"model", "FILE|DIR", NULL, "a generator of 28x28 grey images with 10 classes, or a run", NULL},
    {"data", "DIR", NULL, "folder with MNIST's four files", NULL},
    {"count", "N", NULL, "digits of each class", "1000"},
    {"classifier", "FILE", NULL, "trained, and kept there, the first time",
     "digit-classifier.safetensors"},
    {"seed", "N", NULL, "of the latent vectors", "1"},
    {"threads", "N", NULL, "0: one for each processor", "0"},
    {"json", NULL, NULL, "one JSON object instead of a table", NULL},
};

static const cli_option *option_at(int i) {
    return i < (int)(sizeof options / sizeof *options) ? &options[i] : NULL;
}

typedef struct job {
    gan_generator *g;
    gan_classifier *classifier;
    size_t count;
    uint64_t seed;
    int threads;
    gan_real *z, *images;
    int *asked, *read;
    double *certainty;
    double right[DIGIT_CLASSES], all; /* parts */
    double sure;                      /* part of those that were right and certain, to 0.9 */
} job;

static void free_job(job *j) {
    gan_generator_free(j->g);
    gan_classifier_free(j->classifier);
    free(j->z), free(j->images), free(j->asked), free(j->read), free(j->certainty);
}

static gan_status open_generator(job *j, const char *path, gan_error *err) {
    gan_status s = gan_generator_load(path, &j->g, err);
    if (s) return s;
    const gan_network_config *c = gan_generator_config(j->g);
    if (c->classes == DIGIT_CLASSES && c->height == DIGIT_SIDE && c->width == DIGIT_SIDE &&
        c->channels == 1)
        return GAN_OK;
    return cli_error(
        err, GAN_EDATA,
        "%.300s makes images of %lldx%lldx%lld in %lld classes; one of 28x28x1 in 10 is wanted",
        path, (long long)c->height, (long long)c->width, (long long)c->channels,
        (long long)c->classes);
}

static gan_status open_classifier(job *j, const char *data, const char *path, gan_error *err) {
    digits train;
    gan_status s = digits_read(data, 0, &train, err);
    if (!s) s = digit_classifier_open(path, data, &train, j->threads, &j->classifier, err);
    digits_free(&train);
    return s;
}

/* Ten classes in turn, so that all are drawn from the same latent vectors' beginning. */
static gan_status draw(job *j, gan_error *err) {
    size_t n = j->count * DIGIT_CLASSES;
    j->z = malloc(n * (size_t)gan_generator_config(j->g)->nz * sizeof *j->z);
    j->images = malloc(n * DIGIT_PIXELS * sizeof *j->images);
    j->asked = malloc(n * sizeof *j->asked);
    j->read = malloc(n * sizeof *j->read);
    j->certainty = malloc(n * sizeof *j->certainty);
    if (!j->z || !j->images || !j->asked || !j->read || !j->certainty) return bench_no_memory(err);
    for (size_t i = 0; i < n; i++) j->asked[i] = (int)(i % DIGIT_CLASSES);
    gan_sample_noise(j->g, j->seed, 0, n, j->z);
    gan_status s = gan_sample(j->g, j->z, j->asked, n, j->images, j->threads, err);
    return s ? s : gan_classifier_read(j->classifier, j->images, n, j->read, j->certainty, err);
}

static void count(job *j) {
    size_t n = j->count * DIGIT_CLASSES;
    for (size_t i = 0; i < n; i++) {
        int right = j->read[i] == j->asked[i];
        j->right[j->asked[i]] += right / (double)j->count;
        j->all += right / (double)n;
        j->sure += (right && j->certainty[i] >= 0.9) / (double)n;
    }
}

static void report(const job *j, int as_json) {
    json_t *each = json_array();
    if (!as_json) printf("digit   read as it %% of %zu\n", j->count);
    for (int k = 0; k < DIGIT_CLASSES; k++) {
        json_array_append_new(each, json_real(100 * j->right[k]));
        if (!as_json) printf("%5d   %10.1f\n", k, 100 * j->right[k]);
    }
    json_t *o = json_pack("{s:s, s:f, s:f, s:o}", "bench", "digits", "right", 100 * j->all,
                          "right_and_sure", 100 * j->sure, "digits", each);
    if (as_json)
        json_dumpf(o, stdout, JSON_INDENT(4)), putchar('\n');
    else
        printf("  all   %10.1f\n%.1f %% were read with a probability of 0.9 or more as well\n",
               100 * j->all, 100 * j->sure);
    json_decref(o);
}

static int run(const cli_line *line) {
    long long n = 1000, seed = 1, threads = 0;
    const char *model = cli_value(line, "model", NULL), *data = cli_value(line, "data", NULL);
    gan_error err = {0};
    if (line->rest_count || !model || !data)
        return cli_fail(EXIT_USAGE, "--model FILE|DIR and --data DIR are wanted, and nothing else");
    if (!cli_integer(line, "count", 1, 100000, &n) ||
        !cli_integer(line, "seed", 0, 9007199254740991LL, &seed) ||
        !cli_integer(line, "threads", 0, 1024, &threads))
        return EXIT_USAGE;
    job j = {.count = (size_t)n, .seed = (uint64_t)seed, .threads = (int)threads};
    gan_status s = open_generator(&j, model, &err);
    if (!s)
        s = open_classifier(&j, data, cli_value(line, "classifier", "digit-classifier.safetensors"),
                            &err);
    if (!s) s = draw(&j, &err);
    if (!s) count(&j), report(&j, cli_flag(line, "json"));
    free_job(&j);
    return s ? cli_refuse(&err) : EXIT_DONE;
}

const cli_command cli_bench_digits = {
    .name = "bench digits",
    .summary = "whether a conditional generator of MNIST draws the digits that it is asked for",
    .usage = "bench digits --model FILE|DIR --data DIR",
    .option_at = option_at,
    .run = run,
};
