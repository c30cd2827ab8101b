/* SPDX-License-Identifier: MIT
 *
 * cli/progress.h - what a person sees of a training run: on a terminal one line that is written
 * over, else plain lines. */
#ifndef GAN_CLI_PROGRESS_H
#define GAN_CLI_PROGRESS_H

#include "gan.h"

typedef struct progress {
    int terminal;
    int64_t steps; /* of the whole run; 0: not known */
    double from;   /* how far the run was when this process began, from 0 to 1 */
    double shown;  /* seconds when the last line was shown */
    double rate;   /* images a second, smoothed */
} progress;

progress progress_start(const gan_config *c);
void progress_step(progress *p, const gan_trainer *tr, const gan_report *r);
void progress_note(progress *p, const char *path);
void progress_end(progress *p);

#endif
