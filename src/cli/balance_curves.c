/* SPDX-License-Identifier: MIT */
#include "cli/balance.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, LAST_QUARTER = BALANCE_LOOKS - BALANCE_LOOKS / 4 };

/* One run at the places of a curve. */
typedef struct track {
    modes_figures at[BALANCE_LOOKS + 1];
    int known[BALANCE_LOOKS + 1];
} track;

/* A look is at the last place that its cost has reached; where there is none, as when one step is
 * beyond two places or the run has diverged, that of before stands. */
static void follow(const modes_setup *m, int64_t seed, track *t) {
    modes_outcome rows[ROWS];
    int n = modes_curve_read(m, seed, rows, ROWS);
    *t = (track){.known = {0}};
    for (int i = 0; i < n; i++) {
        double place = floor(modes_cost(&rows[i]) / m->look_cost + 1e-6);
        int k = place < BALANCE_LOOKS ? (int)place : BALANCE_LOOKS;
        t->at[k] = rows[i].figures, t->known[k] = 1;
    }
    for (int k = 1; k <= BALANCE_LOOKS; k++)
        if (!t->known[k] && t->known[k - 1]) t->at[k] = t->at[k - 1], t->known[k] = 1;
}

static double value_at(const track *t, int k, int metric) {
    return t->known[k] ? t->at[k].value[metric] : (double)NAN;
}

static modes_summary at(const track *tracks, int n, int k, int metric) {
    double x[MODES_MOST_SEEDS];
    for (int i = 0; i < n; i++) x[i] = value_at(&tracks[i], k, metric);
    return modes_summarise(x, n);
}

/* Of looks behind three quarters of the budget; a run of a few steps has not all of them. */
static modes_summary quarter(const track *tracks, int n, int metric) {
    double x[MODES_MOST_SEEDS];
    for (int i = 0; i < n; i++) {
        double sum = 0, looks = 0;
        for (int k = LAST_QUARTER + 1; k <= BALANCE_LOOKS; k++)
            if (tracks[i].known[k]) sum += tracks[i].at[k].value[metric], looks++;
        x[i] = sum / looks;
    }
    return modes_summarise(x, n);
}

static const modes_outcome *outcome(const balance *b, const balance_entry *e, int i) {
    return &b->jobs[i * b->count + (e - b->entries)].outcome;
}

static void summarise_costs(const balance *b, balance_entry *e) {
    double steps[MODES_MOST_SEEDS], d_per_g[MODES_MOST_SEEDS], seconds[MODES_MOST_SEEDS],
        cost[MODES_MOST_SEEDS];
    e->diverged = 0;
    for (int i = 0; i < b->q.seeds; i++) {
        const modes_outcome *o = outcome(b, e, i);
        steps[i] = (double)o->steps;
        d_per_g[i] = o->steps ? (double)o->d_updates / (double)o->steps : 0;
        seconds[i] = o->seconds, cost[i] = modes_cost(o);
        e->diverged += *o->diverged != 0;
    }
    e->steps = modes_summarise(steps, b->q.seeds);
    e->d_per_g = modes_summarise(d_per_g, b->q.seeds);
    e->seconds = modes_summarise(seconds, b->q.seeds);
    e->cost = modes_summarise(cost, b->q.seeds);
}

static void summarise(const balance *b, balance_entry *e, track *tracks) {
    double x[MODES_MOST_SEEDS];
    int n = b->q.seeds;
    for (int i = 0; i < n; i++) follow(&e->setup, b->q.first + i, &tracks[i]);
    for (int j = 0; e->setup.problem->metrics[j].name; j++) {
        for (int k = 0; k <= BALANCE_LOOKS; k++) e->curve[k][j] = at(tracks, n, k, j);
        for (int i = 0; i < n; i++) x[i] = outcome(b, e, i)->figures.value[j];
        e->last[j] = modes_summarise(x, n);
        e->quarter[j] = quarter(tracks, n, j);
    }
    summarise_costs(b, e);
}

gan_status balance_summarise(balance *b, gan_error *err) {
    track *tracks = calloc((size_t)b->q.seeds, sizeof *tracks);
    if (!tracks) return bench_no_memory(err);
    for (int i = 0; i < b->count; i++) summarise(b, &b->entries[i], tracks);
    free(tracks);
    return GAN_OK;
}
