/* SPDX-License-Identifier: MIT
 *
 * A profile as tables. Rows that differ in nothing that a table shows are added up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

typedef int alike(const gan_profile_row *a, const gan_profile_row *b);

static int same_part(const gan_profile_row *a, const gan_profile_row *b) {
    return !strcmp(a->part, b->part);
}

static int same_op(const gan_profile_row *a, const gan_profile_row *b) {
    return !strcmp(a->op, b->op) && !strcmp(a->scope, b->scope) && !strcmp(a->shape, b->shape);
}

static int same_row(const gan_profile_row *a, const gan_profile_row *b) {
    return same_part(a, b) && same_op(a, b);
}

static int slower_first(const void *a, const void *b) {
    double x = ((const gan_profile_row *)a)->seconds, y = ((const gan_profile_row *)b)->seconds;
    return (x < y) - (x > y);
}

/* The rows of one step, those alike added up; *count of them, to be freed. NULL: no memory. */
static gan_profile_row *collect(const gan_profile *p, int steps, alike *same, int *count) {
    int n = gan_profile_count(p);
    gan_profile_row *rows = calloc((size_t)n + 1, sizeof *rows);
    *count = 0;
    for (int i = 0; i < n && rows; i++) {
        const gan_profile_row *from = gan_profile_at(p, i);
        int k = 0;
        while (k < *count && !same(&rows[k], from)) k++;
        if (k == *count)
            rows[(*count)++] =
                (gan_profile_row){from->part, from->op, from->scope, from->shape, 0, 0, 0, 0};
        rows[k].calls += from->calls;
        rows[k].seconds += from->seconds / steps;
        rows[k].flops += from->flops / steps;
        rows[k].bytes += from->bytes / steps;
    }
    return rows;
}

double bench_profile_flops(const gan_profile *p) {
    double sum = 0;
    for (int i = 0; i < gan_profile_count(p); i++) sum += gan_profile_at(p, i)->flops;
    return sum;
}

static double rate(double amount, double seconds) {
    return seconds > 0 ? amount / seconds / 1e9 : 0;
}

/* --- text --- */

static void print_parts(const gan_profile *p, int steps, double seconds) {
    int n;
    gan_profile_row *rows = collect(p, steps, same_part, &n);
    double charged = 0;
    printf("\n%-16s %9s %9s %8s %9s %7s\n", "part", "calls", "ms/step", "GFLOP/s", "GB/s", "%");
    for (int i = 0; i < n && rows; i++) {
        const gan_profile_row *r = &rows[i];
        charged += r->seconds;
        printf("%-16s %9.4g %9.2f %8.1f %9.1f %7.1f\n", r->part, (double)r->calls / steps,
               1e3 * r->seconds, rate(r->flops, r->seconds), rate(r->bytes, r->seconds),
               100 * r->seconds / seconds);
    }
    printf("%-16s %9s %9.2f %8s %9s %7.1f\n", "not charged", "", 1e3 * (seconds - charged), "", "",
           100 * (seconds - charged) / seconds);
    free(rows);
}

/* Rows below a thousandth of the step are told together. */
static void print_ops(const gan_profile *p, int steps, double seconds) {
    int n, shown = 0;
    gan_profile_row *rows = collect(p, steps, same_op, &n);
    double rest = 0;
    if (!rows) return;
    qsort(rows, (size_t)n, sizeof *rows, slower_first);
    printf("\n%-20s %-24s %-18s %6s %8s %8s %6s %6s\n", "operation", "scope", "shape", "calls",
           "ms/step", "GFLOP/s", "GB/s", "%");
    for (; shown < n && rows[shown].seconds >= seconds / 1000; shown++) {
        const gan_profile_row *r = &rows[shown];
        printf("%-20s %-24s %-18s %6.4g %8.2f %8.1f %6.1f %6.1f\n", r->op, r->scope, r->shape,
               (double)r->calls / steps, 1e3 * r->seconds, rate(r->flops, r->seconds),
               rate(r->bytes, r->seconds), 100 * r->seconds / seconds);
    }
    for (int i = shown; i < n; i++) rest += rows[i].seconds;
    if (shown < n)
        printf("%d more, each below 0.1 %% %53s %8.2f %15s %6.1f\n", n - shown, "", 1e3 * rest, "",
               100 * rest / seconds);
    free(rows);
}

void bench_print_profile(const gan_profile *p, int steps, double seconds) {
    print_parts(p, steps, seconds);
    print_ops(p, steps, seconds);
}

/* --- lists --- */

static json_t *figures(const gan_profile_row *r, int steps) {
    return json_pack("{s:f, s:f, s:f, s:f}", "calls", (double)r->calls / steps, "ms",
                     1e3 * r->seconds, "gflops", rate(r->flops, r->seconds), "gbytes_per_second",
                     rate(r->bytes, r->seconds));
}

static json_t *list(const gan_profile *p, int steps, alike *same) {
    int n;
    gan_profile_row *rows = collect(p, steps, same, &n);
    json_t *out = json_array();
    if (rows) qsort(rows, (size_t)n, sizeof *rows, slower_first);
    for (int i = 0; i < n && rows; i++) {
        json_t *item = json_pack("{s:s}", "part", rows[i].part), *f = figures(&rows[i], steps);
        if (same == same_row) {
            json_object_set_new(item, "op", json_string(rows[i].op));
            json_object_set_new(item, "scope", json_string(rows[i].scope));
            json_object_set_new(item, "shape", json_string(rows[i].shape));
        }
        json_object_update(item, f);
        json_decref(f);
        json_array_append_new(out, item);
    }
    free(rows);
    return out;
}

json_t *bench_profile_parts(const gan_profile *p, int steps) {
    return list(p, steps, same_part);
}

json_t *bench_profile_ops(const gan_profile *p, int steps) {
    return list(p, steps, same_row);
}
