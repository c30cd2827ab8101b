/* SPDX-License-Identifier: MIT
 *
 * What a run leaves: its curve, a line a look, and its outcome. A figure that is not finite is null
 * in JSON. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/modes.h"

enum { PATH_ROOM = GAN_TEXT + 64 };

void modes_path(const modes_setup *m, const char *kind, int64_t seed, const char *suffix,
                char *path, size_t size) {
    if (seed < 0)
        snprintf(path, size, "%s/%s.%s", m->dir, kind, suffix);
    else
        snprintf(path, size, "%s/%s-%lld.%s", m->dir, kind, (long long)seed, suffix);
}

static gan_status cannot(gan_error *err, const char *what, const char *path) {
    return cli_error(err, GAN_EIO, "cannot %s %.300s: %s", what, path, strerror(errno));
}

/* --- figures --- */

static json_t *number(double x) {
    return isfinite(x) ? json_real(x) : json_null();
}

static double number_of(const json_t *x) {
    return json_is_number(x) ? json_number_value(x) : (double)NAN;
}

json_t *modes_figures_json(const modes_problem *p, const modes_figures *f) {
    json_t *o = json_object();
    for (int i = 0; p->metrics[i].name; i++)
        json_object_set_new(o, p->metrics[i].name, number(f->value[i]));
    return o;
}

void modes_add_summaries(json_t *to, const modes_problem *p, const modes_summary *s,
                         const char *means, const char *errors) {
    modes_figures mean = {{0}}, error = {{0}};
    for (int k = 0; p->metrics[k].name; k++) mean.value[k] = s[k].mean, error.value[k] = s[k].error;
    json_object_set_new(to, means, modes_figures_json(p, &mean));
    json_object_set_new(to, errors, modes_figures_json(p, &error));
}

static void take_figures(const modes_problem *p, const json_t *o, modes_figures *f) {
    for (int i = 0; p->metrics[i].name; i++)
        f->value[i] = number_of(json_object_get(o, p->metrics[i].name));
}

/* Counters and figures of an outcome, both ways. */
static json_t *outcome_json(const modes_problem *p, const modes_outcome *o) {
    json_t *r =
        json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "step", (json_int_t)o->steps, "d_updates",
                  (json_int_t)o->d_updates, "rests", (json_int_t)o->rests, "seconds", o->seconds,
                  "mac_d", o->mac_d, "mac_g", o->mac_g, "mac_rest", o->mac_rest);
    json_object_set_new(r, "auc", number(o->auc));
    json_object_set_new(r, "balance", number(o->balance));
    json_object_set_new(r, "findings", json_string(o->findings));
    json_t *f = modes_figures_json(p, &o->figures);
    json_object_update(r, f);
    json_decref(f);
    return r;
}

static void take_outcome(const modes_problem *p, const json_t *r, modes_outcome *o) {
    o->steps = json_integer_value(json_object_get(r, "step"));
    o->d_updates = json_integer_value(json_object_get(r, "d_updates"));
    o->rests = json_integer_value(json_object_get(r, "rests"));
    o->seconds = json_number_value(json_object_get(r, "seconds"));
    o->mac_d = json_number_value(json_object_get(r, "mac_d"));
    o->mac_g = json_number_value(json_object_get(r, "mac_g"));
    o->mac_rest = json_number_value(json_object_get(r, "mac_rest"));
    o->auc = number_of(json_object_get(r, "auc"));
    o->balance = number_of(json_object_get(r, "balance"));
    const char *findings = json_string_value(json_object_get(r, "findings"));
    snprintf(o->findings, sizeof o->findings, "%s", findings ? findings : "");
    take_figures(p, r, &o->figures);
}

/* --- the curve --- */

gan_status modes_append(const char *path, const json_t *row, gan_error *err) {
    char *line = json_dumps(row, JSON_REAL_PRECISION(9));
    FILE *f = fopen(path, "a");
    int ok = line && f && fprintf(f, "%s\n", line) > 0;
    if (f && fclose(f)) ok = 0;
    free(line);
    return ok ? GAN_OK : cannot(err, "write", path);
}

gan_status modes_curve_add(const modes_setup *m, const modes_outcome *o, gan_error *err) {
    char path[PATH_ROOM];
    modes_path(m, "curve", o->seed, "jsonl", path, sizeof path);
    json_t *row = outcome_json(m->problem, o);
    gan_status s = modes_append(path, row, err);
    json_decref(row);
    return s;
}

/* Copies the rows up to that step; the last of them is taken. */
static void copy_rows(const modes_setup *m, FILE *from, FILE *to, modes_outcome *o) {
    char line[2048];
    int64_t last = o->steps;
    while (fgets(line, sizeof line, from)) {
        json_t *row = json_loads(line, 0, NULL);
        if (row && json_integer_value(json_object_get(row, "step")) <= last) {
            fputs(line, to);
            take_outcome(m->problem, row, o);
        }
        json_decref(row);
    }
    o->steps = last;
}

gan_status modes_curve_take(const modes_setup *m, modes_outcome *o, gan_error *err) {
    char path[PATH_ROOM], fresh[PATH_ROOM + 8];
    modes_path(m, "curve", o->seed, "jsonl", path, sizeof path);
    snprintf(fresh, sizeof fresh, "%s.tmp", path);
    FILE *from = fopen(path, "r"), *to = fopen(fresh, "w");
    if (from && to) copy_rows(m, from, to, o);
    int ok = to != NULL;
    if (from) fclose(from);
    if (to && fclose(to)) ok = 0;
    if (!ok || rename(fresh, path)) return cannot(err, "write", path);
    return GAN_OK;
}

int modes_curve_read(const modes_setup *m, int64_t seed, modes_outcome *rows, int room) {
    char path[PATH_ROOM], line[2048];
    int n = 0;
    modes_path(m, "curve", seed, "jsonl", path, sizeof path);
    FILE *f = fopen(path, "r");
    while (f && n < room && fgets(line, sizeof line, f)) {
        json_t *row = json_loads(line, 0, NULL);
        rows[n] = (modes_outcome){.seed = seed};
        if (row) take_outcome(m->problem, row, &rows[n++]);
        json_decref(row);
    }
    if (f) fclose(f);
    return n;
}

/* --- the outcome --- */

static void result_path(const modes_setup *m, int64_t seed, char *path, size_t size) {
    const char *kind = seed == MODES_FLOOR ? "floor" : seed == MODES_COST ? "cost" : "result";
    modes_path(m, kind, seed, "json", path, size);
}

static json_t *settings_json(const modes_setup *m) {
    char *text = gan_config_to_json(&m->config);
    json_t *settings = text ? json_loads(text, 0, NULL) : NULL;
    gan_config_free_text(text);
    return settings ? settings : json_null();
}

gan_status modes_result_write(const modes_setup *m, const modes_outcome *o, gan_error *err) {
    char path[PATH_ROOM], fresh[PATH_ROOM + 8];
    result_path(m, o->seed, path, sizeof path);
    snprintf(fresh, sizeof fresh, "%s.tmp", path);
    json_t *r = outcome_json(m->problem, o);
    json_object_set_new(r, "problem", json_string(m->problem->name));
    json_object_set_new(r, "networks", json_string(m->networks->name));
    json_object_set_new(r, "ratio", json_real(m->ratio));
    json_object_set_new(r, "budget", json_real(m->budget));
    json_object_set_new(r, "diverged", json_string(o->diverged));
    json_object_set_new(r, "settings", settings_json(m));
    int failed = json_dump_file(r, fresh, JSON_INDENT(2)) || rename(fresh, path);
    json_decref(r);
    return failed ? cannot(err, "write", path) : GAN_OK;
}

static int same_text(const json_t *r, const char *key, const char *text) {
    const char *was = json_string_value(json_object_get(r, key));
    return was && !strcmp(was, text);
}

/* The settings of a result against those of now; in words what differs. NULL: nothing. */
static const char *conflict(const modes_setup *m, const json_t *r) {
    char *text = json_dumps(json_object_get(r, "settings"), JSON_ENCODE_ANY);
    gan_config was;
    gan_config_init(&was);
    gan_status s = text ? gan_config_from_json(&was, text, NULL) : GAN_EFORMAT;
    free(text);
    if (s) return "version";
    if (!same_text(r, "problem", m->problem->name)) return "problem";
    if (!same_text(r, "networks", m->networks->name)) return "networks";
    if (json_number_value(json_object_get(r, "ratio")) != m->ratio) return "ratio";
    if (json_number_value(json_object_get(r, "budget")) > m->budget) return "budget";
    was.seed = m->config.seed;
    return gan_config_conflict(&was, &m->config);
}

/* Has it come to the first of the limits, or can it not go on? */
static int is_enough(const modes_setup *m, const modes_outcome *o) {
    return *o->diverged || (m->steps && o->steps >= m->steps) ||
           (m->budget > 0 && modes_cost(o) >= m->budget);
}

gan_status modes_result_read(const modes_setup *m, int64_t seed, modes_outcome *o, int *found,
                             gan_error *err) {
    char path[PATH_ROOM];
    gan_status s = GAN_OK;
    result_path(m, seed, path, sizeof path);
    json_t *r = json_load_file(path, 0, NULL);
    *found = 0;
    *o = (modes_outcome){.seed = seed};
    if (!r) return GAN_OK;
    take_outcome(m->problem, r, o);
    const char *why = json_string_value(json_object_get(r, "diverged"));
    snprintf(o->diverged, sizeof o->diverged, "%s", why ? why : "");
    const char *other = seed == MODES_FLOOR ? NULL : conflict(m, r);
    if (!other && seed >= 0 && m->steps && o->steps > m->steps) other = "steps";
    if (other)
        s = cli_error(err, GAN_EEXIST,
                      "%.300s is the result under another --%s; give another --out", path, other);
    *found = seed < 0 || is_enough(m, o);
    json_decref(r);
    return s;
}
