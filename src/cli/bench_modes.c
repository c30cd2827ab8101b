/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/modes.h"

enum { MOST_SEEDS = 1000, MOST_JOBS = 256, QUICK_SEEDS = 2 };

static const char *const shared[] = {
    "loss",           "preset",       "penalty",  "penalty-every", "clip",        "smooth",
    "noise",          "mode-seeking", "n-critic", "balance-min",   "balance-max", "balance-window",
    "balance-target", "optimizer",    "lr-g",     "lr-d",          "beta1",       "beta2",
    "weight-decay",   "batch",        "ema",      "init",          "norm-d",      "spectral-g",
    "spectral-d",     "stddev",       "pack",     "dropout",       "threads",     NULL};
static const cli_option own[] = {
    {"networks", "NAME", "bench", "pacgan, wgan-gp; unrolled", "the problem's first"},
    {"ratio", "X", "bench", "stacked-mnist: width of D, 0.5 or 0.25 of G's", "0.5"},
    {"steps", "N", "bench", "updates of G", "20000; 50000 for stacked-mnist"},
    {"budget", "X", "bench",
     "million million multiply-adds a run may take, in place of a number of steps", NULL},
    {"seeds", "N", "bench", "runs, from seeds 1 to N", "5"},
    {"jobs", "N", "bench", "runs at once", "one for each processor"},
    {"eval-every", "N", "bench", "steps between two looks at samples, with a checkpoint each",
     "a tenth of the steps"},
    {"data", "DIR", "bench", "stacked-mnist: folder with MNIST's four files", NULL},
    {"out", "DIR", "bench", "folder of the runs, which go on there", "modes-PROBLEM"},
    {"quick", NULL, "bench", "two seeds, a few steps", NULL},
    {"profile", NULL, "bench", "tell where the time of a step goes, and train nothing", NULL},
    {"json", NULL, "bench", "one JSON object instead of a table", NULL},
};
static const bench_options options = {shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

typedef struct bench {
    modes_setup setup;
    char dir[GAN_TEXT];
    int seeds, at_once;
    modes_job jobs[MOST_SEEDS];
    modes_job floor;
    modes_summary figures[MODES_METRICS], seconds, cost, steps, d_updates; /* over seeds */
} bench;

/* --- what is asked for --- */

static gan_status take_ratio(bench *b, const cli_line *line, gan_error *err) {
    const char *text = cli_value(line, "ratio", "0.5");
    char *end;
    b->setup.ratio = strtod(text, &end);
    if (end != text && !*end && b->setup.ratio >= 0.125 && b->setup.ratio <= 4) return GAN_OK;
    return modes_fail(err, GAN_EINVAL, "--ratio is '%.50s'; it must be a number from 0.125 to 4",
                      text);
}

static gan_status take_budget(bench *b, const cli_line *line, gan_error *err) {
    const char *text = cli_value(line, "budget", NULL);
    char *end;
    b->setup.budget = text ? 1e12 * strtod(text, &end) : 0;
    if (!text || (end != text && !*end && b->setup.budget > 0 && b->setup.budget < 1e24))
        return GAN_OK;
    return modes_fail(err, GAN_EINVAL, "--budget is '%.50s'; it must be a number above 0", text);
}

static gan_status take_problem(bench *b, const cli_line *line, gan_error *err) {
    modes_setup *m = &b->setup;
    m->problem = modes_problem_find(line->rest[0], err);
    if (!m->problem) return err->code;
    m->networks = modes_networks_find(m->problem, cli_value(line, "networks", NULL), err);
    if (!m->networks) return err->code;
    gan_status s = take_ratio(b, line, err);
    if (!s) s = take_budget(b, line, err);
    return s ? s : bench_config_over(&options, line, m->networks->defaults, &m->config, err);
}

static gan_status take_folders(bench *b, const cli_line *line, gan_error *err) {
    const char *out = cli_value(line, "out", NULL);
    if (out && (!*out || strlen(out) >= sizeof b->dir))
        return modes_fail(err, GAN_EINVAL, "--out is empty or too long");
    if (out)
        snprintf(b->dir, sizeof b->dir, "%s", out);
    else
        snprintf(b->dir, sizeof b->dir, "modes-%s", b->setup.problem->name);
    b->setup.dir = b->setup.cache = b->dir;
    b->setup.data = cli_value(line, "data", "");
    if (b->setup.problem->reads_data && !*b->setup.data)
        return modes_fail(err, GAN_EINVAL,
                          "%s is made from files: --data names a folder with MNIST's four",
                          b->setup.problem->name);
    return GAN_OK;
}

/* 0 when a number is wrong, which has been told. */
static int take_numbers(bench *b, const cli_line *line) {
    const modes_problem *p = b->setup.problem;
    int quick = cli_flag(line, "quick");
    long long steps = quick ? p->quick_steps : p->steps, seeds = quick ? QUICK_SEEDS : 5;
    long long jobs = bench_threads(0), every = 1000;
    if (b->setup.budget > 0) steps = 0;
    if (!cli_integer(line, "steps", 1, 1000000000, &steps) ||
        !cli_integer(line, "seeds", 1, MOST_SEEDS, &seeds) ||
        !cli_integer(line, "jobs", 1, MOST_JOBS, &jobs))
        return 0;
    if (steps) every = quick ? 0 : steps >= 10 ? steps / 10 : 1;
    if (!cli_integer(line, "eval-every", 0, 1000000000, &every)) return 0;
    b->setup.steps = steps, b->setup.eval_every = every;
    b->seeds = (int)seeds, b->at_once = (int)jobs;
    return 1;
}

/* --- the runs --- */

static gan_status make_folder(const bench *b, gan_error *err) {
    struct stat st;
    if (!mkdir(b->dir, 0777) || (errno == EEXIST && !stat(b->dir, &st) && S_ISDIR(st.st_mode)))
        return GAN_OK;
    return modes_fail(err, GAN_EIO, "cannot make the folder %.300s: %s", b->dir, strerror(errno));
}

static int train(bench *b) {
    b->floor = (modes_job){.setup = &b->setup, .seed = MODES_FLOOR};
    int code = modes_run(&b->floor, 1, 1);
    for (int i = 0; i < b->seeds; i++) b->jobs[i] = (modes_job){.setup = &b->setup, .seed = i + 1};
    return code ? code : modes_run(b->jobs, b->seeds, b->at_once);
}

static void summarise(bench *b) {
    double x[MOST_SEEDS];
    for (int k = 0; b->setup.problem->metrics[k].name; k++) {
        for (int i = 0; i < b->seeds; i++) x[i] = b->jobs[i].outcome.figures.value[k];
        b->figures[k] = modes_summarise(x, b->seeds);
    }
    for (int i = 0; i < b->seeds; i++) x[i] = b->jobs[i].outcome.seconds;
    b->seconds = modes_summarise(x, b->seeds);
    for (int i = 0; i < b->seeds; i++) x[i] = modes_cost(&b->jobs[i].outcome);
    b->cost = modes_summarise(x, b->seeds);
    for (int i = 0; i < b->seeds; i++) x[i] = (double)b->jobs[i].outcome.steps;
    b->steps = modes_summarise(x, b->seeds);
    for (int i = 0; i < b->seeds; i++) x[i] = (double)b->jobs[i].outcome.d_updates;
    b->d_updates = modes_summarise(x, b->seeds);
}

static int diverged(const bench *b) {
    int n = 0;
    for (int i = 0; i < b->seeds; i++) n += *b->jobs[i].outcome.diverged != 0;
    return n;
}

/* --- what it gives: a table --- */

enum { LEFT = 28, COLUMN = 19 };

static void print_ours(const bench *b) {
    const modes_metric *metric = b->setup.problem->metrics;
    char text[64], error[32];
    printf("%-*s", LEFT, "libgan");
    for (int k = 0; metric[k].name; k++) {
        snprintf(text, sizeof text, metric[k].format, b->figures[k].mean);
        snprintf(error, sizeof error, metric[k].format, b->figures[k].error);
        snprintf(text + strlen(text), sizeof text - strlen(text), " +- %s", error);
        printf("%*s", COLUMN, text);
    }
    printf("\n%-*s", LEFT, "a perfect sampler");
    for (int k = 0; metric[k].name; k++) {
        snprintf(text, sizeof text, metric[k].format, b->floor.outcome.figures.value[k]);
        printf("%*s", COLUMN, text);
    }
    printf("\n");
}

static void print_published(const bench *b) {
    const modes_published *row;
    for (int i = 0; (row = modes_published_at(&b->setup, i)); i++) {
        printf("%-*s", LEFT, row->method);
        for (int k = 0; b->setup.problem->metrics[k].name; k++)
            printf("%*s", COLUMN, row->value[k] ? row->value[k] : "");
        printf("  %s\n", row->source);
    }
}

static int report(const bench *b) {
    const modes_setup *m = &b->setup;
    const modes_outcome *o = &b->jobs[0].outcome;
    printf("%s: %s; networks %s: %s\n", m->problem->name, m->problem->title, m->networks->name,
           m->networks->title);
    printf("loss %s, %.6g steps of batch %lld, %d seeds, %.6g D updates and %.3g s a run, %.3g ms "
           "a step\n",
           m->config.loss, b->steps.mean, (long long)m->config.batch, b->seeds, b->d_updates.mean,
           b->seconds.mean, 1e3 * b->seconds.mean / b->steps.mean);
    printf("%.4g million multiply-adds an update of D, %.4g of G; %.4g million million a run\n\n",
           o->mac_d / 1e6, o->mac_g / 1e6, b->cost.mean / 1e12);
    printf("%-*s", LEFT, "");
    for (int k = 0; m->problem->metrics[k].name; k++)
        printf("%*s", COLUMN, m->problem->metrics[k].title);
    printf("\n");
    print_ours(b);
    print_published(b);
    if (diverged(b)) printf("\n%d of %d runs diverged\n", diverged(b), b->seeds);
    printf("\nMean and its standard error over seeds; of %d modes; %lld samples. Runs in %s\n",
           m->problem->modes, (long long)m->problem->samples, b->dir);
    return EXIT_DONE;
}

/* --- and a row --- */

static json_t *summaries(const bench *b, int errors) {
    modes_figures f = {{0}};
    for (int k = 0; b->setup.problem->metrics[k].name; k++)
        f.value[k] = errors ? b->figures[k].error : b->figures[k].mean;
    return modes_figures_json(b->setup.problem, &f);
}

static json_t *row(const bench *b) {
    const modes_setup *m = &b->setup;
    const modes_outcome *o = &b->jobs[0].outcome;
    json_t *r =
        json_pack("{s:s, s:s, s:s, s:f, s:I, s:i, s:i}", "bench", "modes", "problem",
                  m->problem->name, "networks", m->networks->name, "ratio", m->ratio, "steps",
                  (json_int_t)m->steps, "seeds", b->seeds, "diverged", diverged(b));
    json_object_set_new(r, "mean", summaries(b, 0));
    json_object_set_new(r, "standard_error", summaries(b, 1));
    json_object_set_new(r, "floor", modes_figures_json(m->problem, &b->floor.outcome.figures));
    if (m->budget > 0) json_object_set_new(r, "budget", json_real(m->budget));
    json_object_set_new(r, "d_updates", json_real(b->d_updates.mean));
    json_object_set_new(r, "seconds", json_real(b->seconds.mean));
    json_object_set_new(r, "multiply_adds", json_real(b->cost.mean));
    json_object_set_new(r, "multiply_adds_d", json_real(o->mac_d));
    json_object_set_new(r, "multiply_adds_g", json_real(o->mac_g));
    json_t *about = bench_report(&options, &m->config, (int)m->config.threads);
    json_object_update(r, about);
    json_decref(about);
    return r;
}

static int keep_row(const bench *b, json_t *r) {
    char path[GAN_TEXT + 64];
    snprintf(path, sizeof path, "%s/results.jsonl", b->dir);
    char *line = json_dumps(r, JSON_REAL_PRECISION(9));
    FILE *f = fopen(path, "a");
    int ok = line && f && fprintf(f, "%s\n", line) > 0;
    if (f && fclose(f)) ok = 0;
    free(line);
    return ok ? EXIT_DONE : cli_fail(EXIT_FAILED, "cannot write %s: %s", path, strerror(errno));
}

/* --- the command --- */

static int conclude(bench *b, const cli_line *line) {
    summarise(b);
    json_t *r = row(b);
    int code = keep_row(b, r);
    if (!code && cli_flag(line, "json")) return bench_print(r);
    json_decref(r);
    return code ? code : report(b);
}

static int train_and_conclude(bench *b, const cli_line *line) {
    int code = train(b);
    return code ? code : conclude(b, line);
}

static int run(const cli_line *line) {
    gan_error err = {0};
    if (line->rest_count != 1)
        return cli_fail(EXIT_USAGE, line->rest_count
                                        ? "one PROBLEM at a time; see gan bench modes --help"
                                        : "gan bench modes wants a PROBLEM: ring, grid, "
                                          "swiss-roll, stacked-mnist");
    bench *b = calloc(1, sizeof *b);
    if (!b) return cli_fail(EXIT_FAILED, "out of memory");
    gan_status s = take_problem(b, line, &err);
    int code = !s && !take_numbers(b, line) ? EXIT_USAGE : EXIT_DONE;
    if (!s && !code) s = take_folders(b, line, &err);
    if (!s && !code) s = make_folder(b, &err);
    if (!s && !code && cli_flag(line, "profile"))
        s = modes_profile(&b->setup, &err);
    else if (!s && !code)
        code = train_and_conclude(b, line);
    if (s) code = cli_refuse(&err);
    free(b);
    return code;
}

static void notes(void) {
    printf(
        "Trains a problem whose modes can be counted, from several seeds, and tells how many of\n"
        "them the samples have, beside published figures and those of a perfect sampler. A sample\n"
        "is good within 3 deviations of a mode; KL is the divergence, in nats, of how good "
        "samples\n"
        "are spread over modes from equal parts. Runs go on where they ended; each leaves its\n"
        "curve, its picture and its generator in --out. A batch of PacGAN's is of packs: --pack 2\n"
        "--batch 200. Settings that are not given are those of the paper:\n\n");
    for (int i = 0; modes_problems[i]; i++) {
        const modes_problem *p = modes_problems[i];
        printf("  %-14s %s\n", p->name, p->title);
        for (const modes_networks *n = p->networks; n->name; n++) {
            printf("    %-12s %s\n                ", n->name, n->title);
            for (int k = 0; n->defaults[k]; k += 2)
                printf(" %s %s", n->defaults[k], n->defaults[k + 1]);
            printf("\n");
        }
    }
}

const cli_command cli_bench_modes = {
    .name = "bench modes",
    .summary = "trains problems whose modes can be counted, and counts them",
    .usage = "bench modes ring|grid|swiss-roll|stacked-mnist [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
