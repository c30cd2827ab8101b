/* SPDX-License-Identifier: MIT
 *
 * train/log.h - log.jsonl: a line of JSON for each step. */
#ifndef GAN_TRAIN_LOG_H
#define GAN_TRAIN_LOG_H

#include <stdio.h>

#include "gan/doctor.h"

#define GAN__LOG_LINE 1024

typedef struct gan__log {
    FILE *file;
    char *path;
} gan__log;

/* Opens for appending, after cutting off the lines behind step `last`, from the rollback after
 * number `rollbacks` on, and a line that was not finished. */
gan_status gan__log_open(gan__log *log, const char *path, int64_t last, int64_t rollbacks,
                         gan_error *err);

/* Writes a step; the line, without its end, also goes to text[GAN__LOG_LINE]. */
gan_status gan__log_step(gan__log *log, const gan_report *r, char *text, gan_error *err);

/* The same for a finding; `rollback` above 0: that it has led to the rollback of that number. */
gan_status gan__log_finding(gan__log *log, const gan_finding *f, int64_t rollback, char *text,
                            gan_error *err);

gan_status gan__log_sync(gan__log *log, gan_error *err);
void gan__log_close(gan__log *log);

#endif
