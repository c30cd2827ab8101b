/* SPDX-License-Identifier: MIT
 *
 * cli/modes_options.h - what the commands that train a problem of modes are asked for. */
#ifndef GAN_CLI_MODES_OPTIONS_H
#define GAN_CLI_MODES_OPTIONS_H

#include "cli/modes.h"

enum { MODES_MOST_SEEDS = 1000 };

/* Settings of `gan train`, ended by NULL. */
extern const char *const modes_shared[];

/* Rows of options. */
#define MODES_OPTION_NETWORKS                                                                      \
    { "networks", "NAME", "bench", "pacgan, wgan-gp; unrolled", "the problem's first" }
#define MODES_OPTION_RATIO                                                                         \
    { "ratio", "X", "bench", "stacked-mnist: width of D, 0.5 or 0.25 of G's", "0.5" }
#define MODES_OPTION_SEEDS                                                                         \
    { "seeds", "N", "bench", "runs, each from a seed of its own", "5" }
#define MODES_OPTION_FIRST                                                                         \
    { "first-seed", "N", "bench", "the seed of the first; those of the others follow", "1" }
#define MODES_OPTION_JOBS                                                                          \
    { "jobs", "N", "bench", "runs at once", "one for each processor" }
#define MODES_OPTION_DATA                                                                          \
    { "data", "DIR", "bench", "stacked-mnist: folder with MNIST's four files", NULL }
#define MODES_OPTION_QUICK                                                                         \
    { "quick", NULL, "bench", "two seeds, a few steps", NULL }
#define MODES_OPTION_JSON                                                                          \
    { "json", NULL, "bench", "one JSON object instead of a table", NULL }

/* setup.dir points into `dir`: not to be moved once that is set. */
typedef struct modes_request {
    modes_setup setup;
    char dir[GAN_TEXT];
    int seeds, first, at_once;
} modes_request;

/* The problem is the one argument; `command` is "modes". 0, or an exit code, told. */
int modes_take_argument(const cli_line *line, const char *command);

/* Problem, networks, ratio and settings. */
gan_status modes_take_problem(const bench_options *o, const cli_line *line, modes_request *q,
                              gan_error *err);

/* --out, or COMMAND-PROBLEM, and --data. */
gan_status modes_take_folders(const cli_line *line, const char *command, modes_request *q,
                              gan_error *err);

/* --steps, the problem's unless there is a budget, --seeds and --jobs. 0: one is wrong, which has
 * been told. */
int modes_take_numbers(const cli_line *line, modes_request *q);

gan_status modes_make_folder(const char *path, gan_error *err);

/* Appends it, a line, to DIR/results.jsonl. 0, or an exit code, told. */
int modes_keep_row(const char *dir, const json_t *row);

/* Prints the problems, their networks and the papers' settings. */
void modes_print_problems(void);

#endif
