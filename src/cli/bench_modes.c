/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/modes_options.h"

static const cli_option own[] = {
    MODES_OPTION_NETWORKS,
    MODES_OPTION_RATIO,
    {"steps", "N", "bench", "updates of G", "20000; 50000 for stacked-mnist"},
    {"budget", "X", "bench",
     "million million multiply-adds a run may take, in place of a number of steps", NULL},
    MODES_OPTION_SEEDS,
    MODES_OPTION_FIRST,
    MODES_OPTION_JOBS,
    {"eval-every", "N", "bench", "steps between two looks at samples, with a checkpoint each",
     "a tenth of the steps"},
    MODES_OPTION_DATA,
    {"out", "DIR", "bench", "folder of the runs, which go on there", "modes-PROBLEM"},
    MODES_OPTION_QUICK,
    {"profile", NULL, "bench", "tell where the time of a step goes, and train nothing", NULL},
    MODES_OPTION_JSON,
};
static const bench_options options = {modes_shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

typedef struct bench {
    modes_request q;
    modes_job jobs[MODES_MOST_SEEDS];
    modes_job floor;
    modes_summary figures[MODES_METRICS], seconds, cost, steps, d_updates; /* over seeds */
} bench;

/* --- what is asked for --- */

static gan_status take_budget(bench *b, const cli_line *line, gan_error *err) {
    const char *text = cli_value(line, "budget", NULL);
    char *end;
    b->q.setup.budget = text ? 1e12 * strtod(text, &end) : 0;
    if (!text || (end != text && !*end && b->q.setup.budget > 0 && b->q.setup.budget < 1e24))
        return GAN_OK;
    return cli_error(err, GAN_EINVAL, "--budget is '%.50s'; it must be a number above 0", text);
}

/* 0 when a number is wrong, which has been told. */
static int take_numbers(bench *b, const cli_line *line) {
    modes_setup *m = &b->q.setup;
    if (!modes_take_numbers(line, &b->q)) return 0;
    long long every = 1000, steps = m->steps;
    if (steps) every = cli_flag(line, "quick") ? 0 : steps >= 10 ? steps / 10 : 1;
    if (!cli_integer(line, "eval-every", 0, 1000000000, &every)) return 0;
    m->eval_every = every;
    return 1;
}

/* --- the runs --- */

static int train(bench *b) {
    b->floor = (modes_job){.setup = &b->q.setup, .seed = MODES_FLOOR};
    int code = modes_run(&b->floor, 1, 1);
    for (int i = 0; i < b->q.seeds; i++)
        b->jobs[i] = (modes_job){.setup = &b->q.setup, .seed = b->q.first + i};
    return code ? code : modes_run(b->jobs, b->q.seeds, b->q.at_once);
}

static void summarise(bench *b) {
    double x[MODES_MOST_SEEDS];
    for (int k = 0; b->q.setup.problem->metrics[k].name; k++) {
        for (int i = 0; i < b->q.seeds; i++) x[i] = b->jobs[i].outcome.figures.value[k];
        b->figures[k] = modes_summarise(x, b->q.seeds);
    }
    for (int i = 0; i < b->q.seeds; i++) x[i] = b->jobs[i].outcome.seconds;
    b->seconds = modes_summarise(x, b->q.seeds);
    for (int i = 0; i < b->q.seeds; i++) x[i] = modes_cost(&b->jobs[i].outcome);
    b->cost = modes_summarise(x, b->q.seeds);
    for (int i = 0; i < b->q.seeds; i++) x[i] = (double)b->jobs[i].outcome.steps;
    b->steps = modes_summarise(x, b->q.seeds);
    for (int i = 0; i < b->q.seeds; i++) x[i] = (double)b->jobs[i].outcome.d_updates;
    b->d_updates = modes_summarise(x, b->q.seeds);
}

static int diverged(const bench *b) {
    int n = 0;
    for (int i = 0; i < b->q.seeds; i++) n += *b->jobs[i].outcome.diverged != 0;
    return n;
}

/* --- what it gives: a table --- */

enum { LEFT = 28 };

static void print_ours(const bench *b) {
    printf("%-*s", LEFT, "libgan");
    modes_print_summaries(b->q.setup.problem, b->figures);
    printf("\n%-*s", LEFT, "a perfect sampler");
    modes_print_figures(b->q.setup.problem, &b->floor.outcome.figures);
    printf("\n");
}

static void print_published(const bench *b) {
    const modes_published *row;
    for (int i = 0; (row = modes_published_at(&b->q.setup, i)); i++) {
        printf("%-*s", LEFT, row->method);
        modes_print_published(b->q.setup.problem, row);
        printf("  %s\n", row->source);
    }
}

static void print_findings(const bench *b) {
    int told = 0;
    for (int i = 0; i < b->q.seeds; i++) {
        const modes_outcome *o = &b->jobs[i].outcome;
        if (!*o->findings) continue;
        if (!told++) printf("\nThe doctor, at steps:\n");
        printf("  seed %lld: %s\n", (long long)o->seed, o->findings);
    }
    if (!told) printf("\nThe doctor was silent.\n");
}

static int report(const bench *b) {
    const modes_setup *m = &b->q.setup;
    const modes_outcome *o = &b->jobs[0].outcome;
    modes_print_heading(m);
    printf("loss %s, %.6g steps of batch %lld, %d seeds, %.6g D updates and %.3g s a run, %.3g ms "
           "a step\n",
           m->config.loss, b->steps.mean, (long long)m->config.batch, b->q.seeds, b->d_updates.mean,
           b->seconds.mean, 1e3 * b->seconds.mean / b->steps.mean);
    printf("%.4g million multiply-adds an update of D, %.4g of G; %.4g million million a run\n\n",
           o->mac_d / 1e6, o->mac_g / 1e6, b->cost.mean / 1e12);
    printf("%-*s", LEFT, "");
    modes_print_titles(m->problem);
    print_ours(b);
    print_published(b);
    if (diverged(b)) printf("\n%d of %d runs diverged\n", diverged(b), b->q.seeds);
    print_findings(b);
    printf("\nMean and its standard error over seeds; of %d modes; %lld samples. Runs in %s\n",
           m->problem->modes, (long long)m->problem->samples, b->q.dir);
    return EXIT_DONE;
}

/* --- and a row --- */

static json_t *row(const bench *b) {
    const modes_setup *m = &b->q.setup;
    const modes_outcome *o = &b->jobs[0].outcome;
    json_t *r =
        json_pack("{s:s, s:s, s:s, s:f, s:I, s:i, s:i}", "bench", "modes", "problem",
                  m->problem->name, "networks", m->networks->name, "ratio", m->ratio, "steps",
                  (json_int_t)m->steps, "seeds", b->q.seeds, "diverged", diverged(b));
    json_object_set_new(r, "first_seed", json_integer(b->q.first));
    modes_add_summaries(r, m->problem, b->figures, "mean", "standard_error");
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

/* --- the command --- */

static int conclude(bench *b, const cli_line *line) {
    summarise(b);
    json_t *r = row(b);
    int code = modes_keep_row(b->q.dir, r);
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
    int code = modes_take_argument(line, "modes");
    if (code) return code;
    bench *b = calloc(1, sizeof *b);
    if (!b) return cli_fail(EXIT_FAILED, "out of memory");
    gan_status s = modes_take_problem(&options, line, &b->q, &err);
    if (!s) s = take_budget(b, line, &err);
    if (!s && !take_numbers(b, line)) code = EXIT_USAGE;
    if (!s && !code) s = modes_take_folders(line, "modes", &b->q, &err);
    if (!s && !code) s = modes_make_folder(b->q.dir, &err);
    if (!s && !code && cli_flag(line, "profile"))
        s = modes_profile(&b->q.setup, &err);
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
    modes_print_problems();
}

const cli_command cli_bench_modes = {
    .name = "bench modes",
    .summary = "trains problems whose modes can be counted, and counts them",
    .usage = "bench modes ring|grid|swiss-roll|stacked-mnist [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
