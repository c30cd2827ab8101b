/* SPDX-License-Identifier: MIT */
#include "cli/modes_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_JOBS = 256, SEEDS = 5, QUICK_SEEDS = 2 };

const char *const modes_shared[] = {"loss",
                                    "preset",
                                    "penalty",
                                    "penalty-every",
                                    "clip",
                                    "smooth",
                                    "noise",
                                    "mode-seeking",
                                    "n-critic",
                                    "balance-min",
                                    "balance-max",
                                    "balance-window",
                                    "balance-patience",
                                    "balance-target",
                                    "optimizer",
                                    "lr-g",
                                    "lr-d",
                                    "beta1",
                                    "beta2",
                                    "weight-decay",
                                    "batch",
                                    "ema",
                                    "init",
                                    "norm-g",
                                    "norm-d",
                                    "spectral-g",
                                    "spectral-d",
                                    "stddev",
                                    "pack",
                                    "dropout",
                                    "threads",
                                    NULL};

/* --- what is trained --- */

int modes_take_argument(const cli_line *line, const char *command) {
    if (line->rest_count == 1) return EXIT_DONE;
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "one PROBLEM at a time; see gan bench %s --help", command);
    return cli_fail(EXIT_USAGE,
                    "gan bench %s wants a PROBLEM: ring, grid, swiss-roll, "
                    "stacked-mnist",
                    command);
}

static gan_status take_ratio(const cli_line *line, double *ratio, gan_error *err) {
    const char *text = cli_value(line, "ratio", "0.5");
    char *end;
    *ratio = strtod(text, &end);
    if (end != text && !*end && *ratio >= 0.125 && *ratio <= 4) return GAN_OK;
    return cli_error(err, GAN_EINVAL, "--ratio is '%.50s'; it must be a number from 0.125 to 4",
                     text);
}

gan_status modes_take_problem(const bench_options *o, const cli_line *line, modes_request *q,
                              gan_error *err) {
    modes_setup *m = &q->setup;
    m->problem = modes_problem_find(line->rest[0], err);
    if (!m->problem) return err->code;
    m->networks = modes_networks_find(m->problem, cli_value(line, "networks", NULL), err);
    if (!m->networks) return err->code;
    gan_status s = take_ratio(line, &m->ratio, err);
    return s ? s : bench_config_over(o, line, m->networks->defaults, &m->config, err);
}

/* --- how the runs go --- */

gan_status modes_take_folders(const cli_line *line, const char *command, modes_request *q,
                              gan_error *err) {
    modes_setup *m = &q->setup;
    const char *out = cli_value(line, "out", NULL);
    if (out && (!*out || strlen(out) >= sizeof q->dir))
        return cli_error(err, GAN_EINVAL, "--out is empty or too long");
    if (out)
        snprintf(q->dir, sizeof q->dir, "%s", out);
    else
        snprintf(q->dir, sizeof q->dir, "%s-%s", command, m->problem->name);
    m->dir = m->cache = q->dir;
    m->data = cli_value(line, "data", "");
    if (m->problem->reads_data && !*m->data)
        return cli_error(err, GAN_EINVAL,
                         "%s is made from files: --data names a folder with MNIST's four",
                         m->problem->name);
    return GAN_OK;
}

int modes_take_numbers(const cli_line *line, modes_request *q) {
    const modes_problem *p = q->setup.problem;
    int quick = cli_flag(line, "quick");
    long long steps = quick ? p->quick_steps : p->steps, seeds = quick ? QUICK_SEEDS : SEEDS;
    long long jobs = bench_threads(0), first = 1;
    if (q->setup.budget > 0) steps = 0;
    if (!cli_integer(line, "steps", 1, 1000000000, &steps) ||
        !cli_integer(line, "seeds", 1, MODES_MOST_SEEDS, &seeds) ||
        !cli_integer(line, "first-seed", 1, 1000000, &first) ||
        !cli_integer(line, "jobs", 1, MOST_JOBS, &jobs))
        return 0;
    q->setup.steps = steps;
    q->seeds = (int)seeds, q->first = (int)first, q->at_once = (int)jobs;
    return 1;
}

/* --- files --- */

gan_status modes_make_folder(const char *path, gan_error *err) {
    struct stat st;
    if (!mkdir(path, 0777) || (errno == EEXIST && !stat(path, &st) && S_ISDIR(st.st_mode)))
        return GAN_OK;
    return cli_error(err, GAN_EIO, "cannot make the folder %.300s: %s", path, strerror(errno));
}

int modes_keep_row(const char *dir, const json_t *row) {
    char path[GAN_TEXT + 64];
    gan_error err = {0};
    snprintf(path, sizeof path, "%s/results.jsonl", dir);
    return modes_append(path, row, &err) ? cli_refuse(&err) : EXIT_DONE;
}

/* --- help --- */

void modes_print_problems(void) {
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
