/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cli/augment_study.h"
#include "cli/bench.h"
#include "cli/modes.h"
#include "cli/modes_options.h"

static const char *const shared[] = {"data",
                                     "size",
                                     "channels",
                                     "class-folders",
                                     "arch",
                                     "arch-g",
                                     "arch-d",
                                     "width",
                                     "nz",
                                     "init",
                                     "norm-g",
                                     "norm-d",
                                     "spectral-g",
                                     "spectral-d",
                                     "stddev",
                                     "pack",
                                     "dropout",
                                     "loss",
                                     "preset",
                                     "penalty",
                                     "penalty-every",
                                     "smooth",
                                     "noise",
                                     "mode-seeking",
                                     "n-critic",
                                     "augment",
                                     "augment-p",
                                     "augment-target",
                                     "augment-images",
                                     "flip",
                                     "condition-g",
                                     "condition-d",
                                     "optimizer",
                                     "lr-g",
                                     "lr-d",
                                     "beta1",
                                     "beta2",
                                     "weight-decay",
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

static const char *const kinds[STUDY_KINDS] = {"real", "generated", "both"};

/* --- what is asked for --- */

static gan_status take_rows(study *b, const char *text, gan_error *err) {
    for (const char *at = text;; at++) {
        char *end;
        long long n = strtoll(at, &end, 10);
        if (end == at || n < 1 || n > 1000000 || (*end && *end != ','))
            return cli_error(
                err, GAN_EINVAL,
                "--per-class is '%.100s'; it must be numbers from 1 to 1000000 with commas "
                "between them",
                text);
        if (b->rows == STUDY_ROWS)
            return cli_error(err, GAN_EINVAL, "--per-class has more than %d numbers", STUDY_ROWS);
        b->per_class[b->rows++] = n;
        if (!*end) return GAN_OK;
        at = end;
    }
}

static int take_numbers(study *b, const cli_line *line) {
    b->made = 1000, b->steps = 1000, b->seeds = 3, b->first = 1;
    return cli_integer(line, "made", 1, 1000000, &b->made) &&
           cli_integer(line, "classifier-steps", 1, 1000000, &b->steps) &&
           cli_integer(line, "seeds", 1, STUDY_SEEDS, &b->seeds) &&
           cli_integer(line, "first-seed", 0, 9007199254740991LL, &b->first);
}

static gan_status prepare(study *b, const cli_line *line, gan_error *err) {
    gan_status s = bench_config_over(&options, line, defaults, &b->config, err);
    if (!s) s = take_rows(b, cli_value(line, "per-class", "10,50"), err);
    if (!s) s = modes_make_folder(b->dir, err);
    return s ? s : study_read(b, cli_value(line, "test", NULL), err);
}

/* --- reports --- */

static int report(const study *b, int as_json) {
    json_t *rows = json_array(), *o = bench_report(&options, &b->config, (int)b->config.threads);
    if (!as_json)
        printf("%% right of %zu images, mean and standard error over %lld "
               "seeds\n\n%-18s%16s%16s%16s\n",
               b->test.count, b->seeds, "real a class", kinds[STUDY_REAL], kinds[STUDY_MADE],
               kinds[STUDY_BOTH]);
    for (int i = 0; i < b->rows; i++) {
        json_t *row = json_pack("{s:I}", "per_class", (json_int_t)b->per_class[i]);
        if (!as_json) printf("%-18lld", b->per_class[i]);
        for (int k = 0; k < STUDY_KINDS; k++) {
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
    study *b = calloc(1, sizeof *b);
    if (!b) return cli_fail(EXIT_FAILED, "out of memory");
    b->dir = cli_value(line, "out", "augment");
    if (!take_numbers(b, line)) return free(b), EXIT_USAGE;
    s = prepare(b, line, &err);
    for (int i = 0; i < b->rows && !s; i++)
        for (int k = 0; k < b->seeds && !s; k++) s = study_run(b, i, k, &err);
    int code = s ? cli_refuse(&err) : report(b, cli_flag(line, "json"));
    study_free(b);
    free(b);
    return code;
}

static void notes(void) {
    printf(
        "Takes n images of each class, trains a conditional generator on them alone, and a small\n"
        "classifier (gan/classifier.h) on the real ones, on generated ones, and on both in equal\n"
        "parts, for the same number of steps; tells how many of the test images each reads "
        "right.\n"
        "Settings that are not given:\n ");
    for (const char *const *s = defaults; *s; s += 2) printf(" %s %s", s[0], s[1]);
    printf("\n");
}

const cli_command cli_bench_augment = {
    .name = "bench augment",
    .summary = "what generated images are worth to a classifier that has few real ones",
    .usage = "bench augment --data PATH --test PATH [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
