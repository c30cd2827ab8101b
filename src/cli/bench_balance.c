/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/balance.h"

static const cli_option own[] = {
    MODES_OPTION_NETWORKS,
    MODES_OPTION_RATIO,
    {"policies", "LIST", "bench", "policies by name, n1,n5,auto", "all that the networks allow"},
    {"steps", "N", "bench", "the budget: what so many steps with --n-critic 1 cost",
     "20000; 50000 for stacked-mnist"},
    MODES_OPTION_SEEDS,
    MODES_OPTION_FIRST,
    MODES_OPTION_JOBS,
    MODES_OPTION_DATA,
    {"out", "DIR", "bench", "folder of the runs, which go on there", "balance-PROBLEM"},
    MODES_OPTION_QUICK,
    MODES_OPTION_JSON,
};
static const bench_options options = {modes_shared, own, sizeof own / sizeof *own};

static const cli_option *option_at(int i) {
    return bench_option_at(&options, i);
}

/* --- what is compared --- */

/* The line with the row's settings behind the user's, as if they had been given there. */
static gan_status settings_of(const balance_policy *p, const balance_values *v,
                              const cli_line *line, const modes_setup *m, gan_config *out,
                              gan_error *err) {
    cli_line all = *line;
    all.given = calloc((size_t)line->count + BALANCE_SETTINGS, sizeof *all.given);
    if (!all.given) return bench_no_memory(err);
    if (line->count) memcpy(all.given, line->given, (size_t)line->count * sizeof *all.given);
    for (int i = 0; p->settings[2 * i]; i++) {
        all.given[all.count].name = p->settings[2 * i];
        all.given[all.count++].value = v->value[i];
    }
    gan_status s = bench_config_over(&options, &all, m->networks->defaults, out, err);
    free(all.given);
    return s;
}

/* The budget is that of a run with --n-critic 1. */
static gan_status take_base(balance *b, const cli_line *line, gan_error *err) {
    static const balance_policy base = {"", "", {"n-critic", "1"}};
    balance_values v = {{"1"}};
    gan_status s = modes_take_problem(&options, line, &b->q, err);
    return s ? s : settings_of(&base, &v, line, &b->q.setup, &b->q.setup.config, err);
}

static gan_status add_entry(balance *b, const balance_policy *p, const cli_line *line,
                            gan_error *err) {
    balance_entry *e = &b->entries[b->count];
    const modes_setup *base = &b->q.setup;
    e->policy = p;
    e->setup = *base;
    gan_status s = balance_fill_in(p, &base->config, base->steps, &e->values, err);
    if (!s) s = settings_of(p, &e->values, line, base, &e->setup.config, err);
    if (s) return s;
    snprintf(e->dir, sizeof e->dir, "%s/%s", b->q.dir, p->name);
    e->setup.dir = e->dir, e->setup.label = p->name;
    e->setup.steps = 0; /* the budget alone ends it */
    b->count++;
    return GAN_OK;
}

/* Of all policies those that the networks do not allow are left out; those that were asked for by
 * name must be possible. */
static gan_status take_policies(balance *b, const cli_line *line, gan_error *err) {
    const balance_policy *list[BALANCE_POLICIES];
    const char *names = cli_value(line, "policies", NULL);
    int n;
    gan_status s = balance_select(names, list, &n, err);
    for (int i = 0; i < n && !s; i++) {
        gan_error why = {0};
        if (!add_entry(b, list[i], line, &why)) continue;
        if (names)
            s = cli_error(err, why.code, "policy %s: %.400s", list[i]->name, why.text);
        else
            fprintf(stderr, "gan: policy %s is left out: %s\n", list[i]->name, why.text);
    }
    if (!s && !b->count)
        return cli_error(err, GAN_EINVAL, "no policy is left under these settings");
    return s;
}

/* --- the runs --- */

static gan_status make_folders(balance *b, gan_error *err) {
    gan_status s = modes_make_folder(b->q.dir, err);
    for (int i = 0; i < b->count && !s; i++) s = modes_make_folder(b->entries[i].dir, err);
    return s;
}

/* The floor comes first: it makes what all share. */
static int find_budget(balance *b) {
    b->shared[0] = (modes_job){.setup = &b->q.setup, .seed = MODES_FLOOR};
    b->shared[1] = (modes_job){.setup = &b->q.setup, .seed = MODES_COST};
    int code = modes_run(b->shared, 2, 1);
    const modes_outcome *o = &b->shared[1].outcome;
    b->budget = (double)b->q.setup.steps * (o->mac_d + o->mac_g);
    return code;
}

/* All policies of a seed before the next seed. */
static int train(balance *b) {
    int n = b->q.seeds * b->count;
    b->jobs = calloc((size_t)n, sizeof *b->jobs);
    if (!b->jobs) return cli_fail(EXIT_FAILED, "out of memory");
    for (int i = 0; i < n; i++) {
        modes_setup *m = &b->entries[i % b->count].setup;
        m->budget = b->budget, m->look_cost = b->budget / BALANCE_LOOKS;
        b->jobs[i] = (modes_job){.setup = m, .seed = b->q.first + i / b->count};
    }
    return modes_run(b->jobs, n, b->q.at_once);
}

/* --- the command --- */

static int keep_rows(const balance *b) {
    int code = EXIT_DONE;
    for (int i = 0; i < b->count && !code; i++) {
        json_t *row = balance_row(b, &b->entries[i], &options);
        code = modes_keep_row(b->q.dir, row);
        json_decref(row);
    }
    return code;
}

static int conclude(balance *b, const cli_line *line) {
    char path[GAN_TEXT + 64];
    gan_error err = {0};
    snprintf(path, sizeof path, "%s/curves.svg", b->q.dir);
    gan_status s = balance_summarise(b, &err);
    if (!s) s = balance_draw(b, path, &err);
    if (s) return cli_refuse(&err);
    int code = keep_rows(b);
    if (code) return code;
    if (cli_flag(line, "json")) return bench_print(balance_json(b, &options));
    balance_print(b);
    return EXIT_DONE;
}

static int compare(balance *b, const cli_line *line) {
    int code = find_budget(b);
    if (!code) code = train(b);
    if (!code) code = conclude(b, line);
    free(b->jobs);
    return code;
}

static int run(const cli_line *line) {
    gan_error err = {0};
    int code = modes_take_argument(line, "balance");
    if (code) return code;
    balance *b = calloc(1, sizeof *b);
    if (!b) return cli_fail(EXIT_FAILED, "out of memory");
    gan_status s = take_base(b, line, &err);
    if (!s && !modes_take_numbers(line, &b->q)) code = EXIT_USAGE;
    if (!s && !code) s = modes_take_folders(line, "balance", &b->q, &err);
    if (!s && !code) s = take_policies(b, line, &err);
    if (!s && !code) s = make_folders(b, &err);
    if (!s && !code) code = compare(b, line);
    if (s) code = cli_refuse(&err);
    free(b);
    return code;
}

static void notes(void) {
    printf(
        "Trains a problem of gan bench modes under policies that keep two networks in balance,\n"
        "each from the same seeds until its multiply-adds reach the budget, and tells what\n"
        "quality each has bought: in a table, and over cost in curves.svg. Runs go on where\n"
        "they ended. A policy's settings stand over the user's, and these over the paper's:\n\n");
    for (const balance_policy *p = balance_policies; p->name; p++) {
        printf("  %-13s %s\n               ", p->name, p->title);
        for (int k = 0; p->settings[k]; k += 2)
            printf(" --%s '%s'", p->settings[k], p->settings[k + 1]);
        printf("\n");
    }
    printf("\n{10%%} is that part of --steps, {lr-g} the rate as it is without the policy,\n"
           "{judged} what D judges together of a batch.\n");
}

const cli_command cli_bench_balance = {
    .name = "bench balance",
    .summary = "compares what keeps two networks in balance, at equal cost",
    .usage = "bench balance ring|grid|swiss-roll|stacked-mnist [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
