/* SPDX-License-Identifier: MIT */
#include "train/log.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

/* What a line holds, in order. Integers are written as such. */
static const struct {
    const char *name;
    size_t offset;
    int integer, digits;
} fields[] = {
#define REAL(f, digits)                                                                            \
    { #f, offsetof(gan_report, f), 0, digits }
#define WHOLE(f)                                                                                   \
    { #f, offsetof(gan_report, f), 1, 0 }
    WHOLE(step),          REAL(d_loss, 9),        REAL(g_loss, 9),      REAL(score_real, 9),
    REAL(score_fake, 9),  REAL(score_holdout, 9), REAL(lr_d, 9),        REAL(lr_g, 9),
    WHOLE(n_critic),      REAL(balance, 9),       REAL(augment_p, 9),   REAL(auc, 9),
    REAL(auc_holdout, 9), REAL(grad_norm_d, 9),   REAL(grad_norm_g, 9), REAL(images_per_second, 5),
    REAL(seconds, 8),
};

static const char start[] = "{\"step\": ", rollback[] = ", \"rollback\": ";

static gan_status cannot(const char *path, gan_error *err) {
    return gan__fail(err, GAN_EIO, "cannot write %s: %s", path, strerror(errno));
}

/* JSON has no NaN. */
static size_t put_field(char *text, size_t room, const gan_report *r, size_t i) {
    const char *at = (const char *)r + fields[i].offset;
    char value[40] = "null";
    if (fields[i].integer)
        snprintf(value, sizeof value, "%lld", (long long)*(const int64_t *)at);
    else if (isfinite(*(const double *)at))
        gan__number_write(*(const double *)at, fields[i].digits, value, sizeof value);
    return (size_t)snprintf(text, room, "\"%s\": %s", fields[i].name, value);
}

static gan_status put_line(gan__log *log, const char *text, gan_error *err) {
    if (fprintf(log->file, "%s\n", text) < 0 || fflush(log->file)) return cannot(log->path, err);
    return GAN_OK;
}

/* , "terms": {"l1": 0.5}; nothing where there are none. */
static size_t put_terms(char *text, size_t room, const gan_report *r) {
    char value[40];
    size_t used = 0;
    for (int i = 0; i < r->term_count; i++) {
        gan__number_write(r->terms[i].value, 9, value, sizeof value);
        used += (size_t)snprintf(text + used, room - used, "%s\"%s\": %s",
                                 i ? ", " : ", \"terms\": {", r->terms[i].name, value);
    }
    if (r->term_count) used += (size_t)snprintf(text + used, room - used, "}");
    return used;
}

gan_status gan__log_step(gan__log *log, const gan_report *r, char *text, gan_error *err) {
    size_t used = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        used += (size_t)snprintf(text + used, GAN__LOG_LINE - used, i ? ", " : "{");
        used += put_field(text + used, GAN__LOG_LINE - used, r, i);
    }
    used += put_terms(text + used, GAN__LOG_LINE - used, r);
    snprintf(text + used, GAN__LOG_LINE - used, "}");
    return put_line(log, text, err);
}

/* Layers of a custom network may be called anything. */
static void escape(const char *from, char *to, size_t room) {
    size_t used = 0;
    for (; *from && used + 7 < room; from++) {
        unsigned char c = (unsigned char)*from;
        if (c < ' ')
            used += (size_t)snprintf(to + used, room - used, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            to[used++] = '\\', to[used++] = *from;
        else
            to[used++] = *from;
    }
    to[used] = 0;
}

gan_status gan__log_finding(gan__log *log, const gan_finding *f, int64_t number, char *text,
                            gan_error *err) {
    char plain[GAN__LOG_LINE - 128], which[48] = "";
    escape(f->text, plain, sizeof plain);
    if (number) snprintf(which, sizeof which, "%s%lld", rollback, (long long)number);
    snprintf(text, GAN__LOG_LINE, "%s%lld%s, \"finding\": \"%s\", \"text\": \"%s\"}", start,
             (long long)f->step, which, gan_finding_name(f->kind), plain);
    return put_line(log, text, err);
}

/* The length of the part whose lines are whole and belong to steps up to `last` and to the rollbacks
 * so far. */
static long kept_length(FILE *f, int64_t last, int64_t rollbacks) {
    char line[GAN__LOG_LINE];
    long kept = 0;
    while (fgets(line, sizeof line, f)) {
        size_t n = strlen(line);
        if (!n || line[n - 1] != '\n' || strncmp(line, start, sizeof start - 1)) break;
        char *rest;
        if (strtoll(line + sizeof start - 1, &rest, 10) > last) break;
        if (!strncmp(rest, rollback, sizeof rollback - 1) &&
            strtoll(rest + sizeof rollback - 1, NULL, 10) > rollbacks)
            break;
        kept += (long)n;
    }
    return kept;
}

gan_status gan__log_open(gan__log *log, const char *path, int64_t last, int64_t rollbacks,
                         gan_error *err) {
    log->path = gan__strdup(path);
    if (!log->path) return gan__fail_memory(err);
    log->file = fopen(path, "a+");
    if (!log->file) return cannot(path, err);
    rewind(log->file);
    long kept = kept_length(log->file, last, rollbacks);
    if (ftruncate(fileno(log->file), kept) || fseek(log->file, 0, SEEK_END))
        return cannot(path, err);
    return GAN_OK;
}

gan_status gan__log_sync(gan__log *log, gan_error *err) {
    if (fflush(log->file) || fsync(fileno(log->file))) return cannot(log->path, err);
    return GAN_OK;
}

void gan__log_close(gan__log *log) {
    if (log->file) fclose(log->file);
    gan__free(log->path);
    *log = (gan__log){0};
}
