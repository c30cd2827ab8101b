/* SPDX-License-Identifier: MIT */
#include "cli/balance.h"

#include <stdio.h>

/* --- a table --- */

enum { LEFT = 18 };

static void print_head(const modes_problem *p, const char *counts) {
    printf("%-*s%s", LEFT, "", counts);
    modes_print_titles(p);
}

static void print_floor(const balance *b) {
    printf("%-*s%25s", LEFT, "a perfect sampler", "");
    modes_print_figures(b->q.setup.problem, &b->shared[0].outcome.figures);
    printf("\n");
}

static void print_entry(const balance *b, const balance_entry *e, int at_end) {
    printf("%-*s", LEFT, e->policy->name);
    if (at_end)
        printf("%9.0f%7.2f%9.3g", e->steps.mean, e->d_per_g.mean, e->seconds.mean);
    else
        printf("%25s", "");
    modes_print_summaries(e->setup.problem, at_end ? e->last : e->quarter);
    if (e->diverged && at_end) printf("   %d of %d diverged", e->diverged, b->q.seeds);
    printf("\n");
}

static void print_title(const balance *b) {
    const modes_setup *m = &b->q.setup;
    const modes_outcome *o = &b->shared[1].outcome;
    modes_print_heading(m);
    printf("loss %s, batch %lld, %d seeds; %.4g million million multiply-adds a run, of %lld steps "
           "of %.4g million for D and %.4g for G\n\n",
           m->config.loss, (long long)m->config.batch, b->q.seeds, b->budget / 1e12,
           (long long)m->steps, o->mac_d / 1e6, o->mac_g / 1e6);
}

void balance_print(const balance *b) {
    const modes_problem *p = b->q.setup.problem;
    print_title(b);
    print_head(p, "  G steps    D/G  seconds");
    for (int i = 0; i < b->count; i++) print_entry(b, &b->entries[i], 1);
    print_floor(b);
    printf("\n");
    print_head(p, "   mean of last quarter: ");
    for (int i = 0; i < b->count; i++) print_entry(b, &b->entries[i], 0);
    print_floor(b);
    printf("\nMean and its standard error over seeds; of %d modes; %lld samples. D/G: D steps a G "
           "step.\nRuns in %s, curves in %s/curves.svg\n",
           p->modes, (long long)p->samples, b->q.dir, b->q.dir);
}

/* --- JSON --- */

static json_t *given(const balance_entry *e) {
    json_t *o = json_object();
    for (int i = 0; e->policy->settings[2 * i]; i++)
        json_object_set_new(o, e->policy->settings[2 * i], json_string(e->values.value[i]));
    return o;
}

static json_t *entry_json(const balance_entry *e) {
    json_t *r = json_pack("{s:s, s:o, s:f, s:f, s:f, s:f, s:i}", "policy", e->policy->name, "given",
                          given(e), "g_steps", e->steps.mean, "d_steps_per_g_step", e->d_per_g.mean,
                          "seconds", e->seconds.mean, "multiply_adds", e->cost.mean, "diverged",
                          e->diverged);
    modes_add_summaries(r, e->setup.problem, e->last, "mean", "standard_error");
    modes_add_summaries(r, e->setup.problem, e->quarter, "last_quarter",
                        "last_quarter_standard_error");
    return r;
}

/* What is the same for all. */
static json_t *common_json(const balance *b) {
    const modes_setup *m = &b->q.setup;
    json_t *r =
        json_pack("{s:s, s:s, s:s, s:f, s:I, s:f, s:i, s:f, s:f}", "bench", "balance", "problem",
                  m->problem->name, "networks", m->networks->name, "ratio", m->ratio, "steps",
                  (json_int_t)m->steps, "budget", b->budget, "seeds", b->q.seeds, "multiply_adds_d",
                  b->shared[1].outcome.mac_d, "multiply_adds_g", b->shared[1].outcome.mac_g);
    json_object_set_new(r, "first_seed", json_integer(b->q.first));
    json_object_set_new(r, "floor", modes_figures_json(m->problem, &b->shared[0].outcome.figures));
    return r;
}

static void add(json_t *to, json_t *more) {
    json_object_update(to, more);
    json_decref(more);
}

json_t *balance_json(const balance *b, const bench_options *o) {
    const gan_config *c = &b->q.setup.config;
    json_t *r = common_json(b), *list = json_array();
    for (int i = 0; i < b->count; i++) json_array_append_new(list, entry_json(&b->entries[i]));
    json_object_set_new(r, "policies", list);
    add(r, bench_report(o, c, (int)c->threads));
    return r;
}

json_t *balance_row(const balance *b, const balance_entry *e, const bench_options *o) {
    const gan_config *c = &e->setup.config;
    json_t *r = common_json(b);
    add(r, entry_json(e));
    add(r, bench_report(o, c, (int)c->threads));
    return r;
}
