/* SPDX-License-Identifier: MIT
 *
 * train/log.h - log.jsonl: a line of JSON for each step. */
#ifndef GAN_TRAIN_LOG_H
#define GAN_TRAIN_LOG_H

#include <stdio.h>

#include "gan/trainer.h"

#define GAN__LOG_LINE 1024

typedef struct gan__log {
    FILE *file;
    char *path;
} gan__log;

/* Opens for appending, after cutting off the lines behind step `last` (and a line that was not
 * finished). */
gan_status gan__log_open(gan__log *log, const char *path, int64_t last, gan_error *err);

/* Writes a step; the line, without its end, also goes to text[GAN__LOG_LINE]. */
gan_status gan__log_step(gan__log *log, const gan_report *r, char *text, gan_error *err);

gan_status gan__log_sync(gan__log *log, gan_error *err);
void gan__log_close(gan__log *log);

#endif
