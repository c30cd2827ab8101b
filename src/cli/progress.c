/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#define TERMINAL_SECONDS 0.1
#define PLAIN_SECONDS 5.0

progress progress_start(const gan_config *c) {
    progress p = {
        .terminal = isatty(STDOUT_FILENO), .steps = c->steps, .max_seconds = 60 * c->max_minutes};
    p.shown = -1e9;
    return p;
}

/* Seconds to go: from the steps done here, or from the time limit if that comes first. Below 0: not
 * known. */
static double remaining(const progress *p, const gan_report *r) {
    double by_steps = -1, by_time = p->max_seconds - r->seconds;
    int64_t done = r->step - p->first + 1;
    if (p->steps) by_steps = r->seconds / (double)done * (double)(p->steps - r->step);
    if (p->max_seconds > 0 && (by_steps < 0 || by_time < by_steps)) return by_time;
    return by_steps;
}

void progress_step(progress *p, const gan_trainer *tr, const gan_report *r) {
    char left[32] = "";
    (void)tr;
    if (!p->first) p->first = r->step;
    p->rate = p->rate > 0 ? 0.9 * p->rate + 0.1 * r->images_per_second : r->images_per_second;
    if (r->seconds - p->shown < (p->terminal ? TERMINAL_SECONDS : PLAIN_SECONDS)) return;
    p->shown = r->seconds;
    double s = remaining(p, r);
    if (s >= 0 && s < 1e9) snprintf(left, sizeof left, "  %d:%02d left", (int)s / 60, (int)s % 60);
    printf("%sstep %lld", p->terminal ? "\r" : "", (long long)r->step);
    if (p->steps) printf("/%lld", (long long)p->steps);
    printf("  d_loss %.4f  g_loss %.4f  %.0f images/s%s%s", r->d_loss, r->g_loss, p->rate, left,
           p->terminal ? "   " : "\n");
    fflush(stdout);
}

void progress_note(progress *p, const char *path) {
    printf("%ssamples in %s%s\n", p->terminal ? "\r" : "", path,
           p->terminal ? "                              " : "");
    fflush(stdout);
}

void progress_end(progress *p) {
    if (p->terminal) putchar('\n');
    fflush(stdout);
}
