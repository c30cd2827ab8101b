/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#define TERMINAL_SECONDS 0.1
#define PLAIN_SECONDS 5.0

progress progress_start(const gan_config *c) {
    return (progress){
        .terminal = isatty(STDOUT_FILENO), .steps = c->steps, .from = -1, .shown = -1e9};
}

/* Seconds to go, at the pace of this process so far. Below 0: not known yet. */
static double remaining(const progress *p, double now, double seconds) {
    return now > p->from ? seconds * (1 - now) / (now - p->from) : -1;
}

void progress_step(progress *p, const gan_trainer *tr, const gan_report *r) {
    char left[32] = "";
    double now = gan_trainer_progress(tr);
    if (p->from < 0) p->from = now;
    p->rate = p->rate > 0 ? 0.9 * p->rate + 0.1 * r->images_per_second : r->images_per_second;
    if (r->seconds - p->shown < (p->terminal ? TERMINAL_SECONDS : PLAIN_SECONDS)) return;
    p->shown = r->seconds;
    double s = remaining(p, now, r->seconds);
    if (s >= 0 && s < 1e9) snprintf(left, sizeof left, "  %d:%02d left", (int)s / 60, (int)s % 60);
    printf("%sstep %lld", p->terminal ? "\r" : "", (long long)r->step);
    if (p->steps) printf("/%lld", (long long)p->steps);
    if (r->n_critic) printf("  d_loss %.4f", r->d_loss);
    printf("  g_loss %.4f  %.0f images/s%s%s", r->g_loss, p->rate, left,
           p->terminal ? "                    " : "\n"); /* d_loss may be gone */
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
