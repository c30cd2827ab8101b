/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/modes.h"

const modes_problem *const modes_problems[] = {&modes_ring, &modes_grid, &modes_roll,
                                               &modes_stacked, NULL};

const modes_problem *modes_problem_find(const char *name, gan_error *err) {
    char known[256] = "";
    for (int i = 0; modes_problems[i]; i++) {
        if (!strcmp(modes_problems[i]->name, name)) return modes_problems[i];
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 modes_problems[i]->name);
    }
    cli_error(err, GAN_EINVAL, "there is no problem '%s'; known: %s", name, known);
    return NULL;
}

const modes_networks *modes_networks_find(const modes_problem *p, const char *name,
                                          gan_error *err) {
    char known[256] = "";
    if (!name) return p->networks;
    for (const modes_networks *n = p->networks; n->name; n++) {
        if (!strcmp(n->name, name)) return n;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                 n == p->networks ? "" : ", ", n->name);
    }
    cli_error(err, GAN_EINVAL, "--networks: there are no networks '%s' for %s; known: %s", name,
              p->name, known);
    return NULL;
}

double modes_cost(const modes_outcome *o) {
    return o->mac_d * (double)o->d_updates + o->mac_g * (double)o->steps +
           o->mac_rest * (double)o->rests;
}

/* --- measures --- */

int modes_covered(const int64_t *count, int modes) {
    int covered = 0;
    for (int i = 0; i < modes; i++) covered += count[i] > 0;
    return covered;
}

double modes_divergence(const int64_t *count, int modes) {
    double total = 0, sum = 0;
    for (int i = 0; i < modes; i++) total += (double)count[i];
    for (int i = 0; i < modes; i++) {
        double p = (double)count[i] / total;
        if (count[i]) sum += p * log(modes * p);
    }
    return total > 0 ? sum : log(modes);
}

modes_summary modes_summarise(const double *x, int n) {
    modes_summary s = {0, 0};
    double squares = 0;
    for (int i = 0; i < n; i++) s.mean += x[i] / n;
    for (int i = 0; i < n; i++) squares += (x[i] - s.mean) * (x[i] - s.mean);
    if (n > 1) s.error = sqrt(squares / (n - 1) / n);
    return s;
}
