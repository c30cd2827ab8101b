/* SPDX-License-Identifier: MIT
 *
 * cli/balance.h - what keeps two networks in balance, compared at equal cost.
 *
 * A policy is a row of settings over those of the problem's paper and the user's own. All train the
 * same problem from the same seeds, each until its multiply-adds reach the budget
 *
 *     B = steps * (one update of D + one of G), of the user's settings with --n-critic 1.
 *
 * Every run is looked at BALANCE_LOOKS times, at the multiples of B / BALANCE_LOOKS, so that curves
 * of one cost stand beside each other. The last look of a GAN that swings is noise; hence the mean
 * over the last quarter of them, too. A run that has diverged stays as it was. */
#ifndef GAN_CLI_BALANCE_H
#define GAN_CLI_BALANCE_H

#include "cli/modes_options.h"

enum { BALANCE_LOOKS = 20, BALANCE_POLICIES = 32, BALANCE_SETTINGS = 4 }; /* the latter: at most */

/* --- the rows: balance_policies.c --- */

/* In a value, with the numbers of the user's settings:
 *
 *   {10%}        that part of the steps of the budget, those of a run with --n-critic 1
 *   {lr-g}       the rate of G, as it is given; {4*lr-g}: 4 times it, where it is a number
 *   {lr-d}       that of D
 *   {judged}     what D judges together of a batch: batch / pack */
typedef struct balance_policy {
    const char *name;                               /* NULL ends the table */
    const char *title;                              /* in the help */
    const char *settings[2 * BALANCE_SETTINGS + 1]; /* name, value, ..., NULL */
} balance_policy;

extern const balance_policy balance_policies[];

typedef struct balance_values {
    char value[BALANCE_SETTINGS][GAN_SCHEDULE_TEXT]; /* the row's, filled in */
} balance_values;

/* `base`: the user's settings, resolved. GAN_EINVAL: a value cannot be made of them. */
gan_status balance_fill_in(const balance_policy *p, const gan_config *base, int64_t steps,
                           balance_values *out, gan_error *err);

/* From "n1,auto", in that order; NULL: all. GAN_EINVAL lists the known ones. */
gan_status balance_select(const char *names, const balance_policy **out, int *count,
                          gan_error *err);

/* --- what is compared --- */

typedef struct balance_entry {
    const balance_policy *policy;
    balance_values values;
    char dir[GAN_TEXT + 64]; /* of its runs */
    modes_setup setup;       /* `dir` and `label` are those above */
    int diverged;            /* runs */

    /* over seeds */
    modes_summary curve[BALANCE_LOOKS + 1][MODES_METRICS]; /* at i B / BALANCE_LOOKS; NAN: none */
    modes_summary last[MODES_METRICS], quarter[MODES_METRICS];
    modes_summary steps, d_per_g, seconds, cost;
} balance_entry;

typedef struct balance {
    modes_request q;     /* the setup is that of the budget: the user's, --n-critic 1 */
    modes_job shared[2]; /* the floor; what updates cost */
    balance_entry entries[BALANCE_POLICIES];
    int count;
    modes_job *jobs; /* of seed s under entry e: [s * count + e] */
    double budget;
} balance;

/* Summarises finished runs: balance_curves.c. */
gan_status balance_summarise(balance *b, gan_error *err);

/* An SVG picture, a panel a metric: means over cost within their standard errors:
 * balance_draw.c. */
gan_status balance_draw(const balance *b, const char *path, gan_error *err);

/* --- reports: balance_report.c --- */

void balance_print(const balance *b);

/* All of it; and one entry's row for results.jsonl. */
json_t *balance_json(const balance *b, const bench_options *o);
json_t *balance_row(const balance *b, const balance_entry *e, const bench_options *o);

#endif
