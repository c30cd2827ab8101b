/* SPDX-License-Identifier: MIT
 *
 * cli/bench.h - what the kinds of `gan bench` share. A kind is a command of two words, "bench
 * step", with a file and a row in main.c. */
#ifndef GAN_CLI_BENCH_H
#define GAN_CLI_BENCH_H

#include <jansson.h>

#include "cli/cli.h"

/* --- settings: some are those of `gan train`, by the same names --- */

typedef struct bench_options {
    const char *const *shared; /* names in the library's table, ended by NULL */
    const cli_option *own;
    int own_count;
} bench_options;

const cli_option *bench_option_at(const bench_options *o, int i);

/* The shared ones that are given, and the rest's defaults, resolved. */
gan_status bench_config(const bench_options *o, const cli_line *line, gan_config *c,
                        gan_error *err);

/* The same over other defaults than the library's: name, value, ..., NULL. A --preset wins over
 * them. */
gan_status bench_config_over(const bench_options *o, const cli_line *line,
                             const char *const *defaults, gan_config *c, gan_error *err);

/* 0: one for each processor; the number that the library will use. */
int bench_threads(int64_t threads);

/* Puts that into err, and returns its code. */
gan_status bench_no_memory(gan_error *err);

/* --- images --- */

/* The first `count` training images of a set, in a loader's order, as bytes [count, H*W*C], with their
 * labels [count]. */
gan_status bench_read_images(gan_dataset *ds, size_t count, uint8_t *pixels, int *labels,
                             gan_error *err);

/* --- time --- */

typedef struct bench_times {
    double median, min, max; /* seconds */
} bench_times;

double bench_seconds(void);
bench_times bench_summary(double *seconds, int n); /* sorts them */
int bench_by_size(const void *a, const void *b);   /* of doubles, for qsort */

/* Times `work`, once to warm up and then `runs` times; what is short runs several times for one
 * figure. prepare: runs before each, untimed; NULL: nothing to do. */
typedef void bench_work(void *user);
bench_times bench_time(bench_work *prepare, bench_work *work, void *user, int runs);

/* --- the machine --- */

double bench_peak_rss_mib(void);

/* Bytes a second read and written by a copy larger than the caches, on so many threads. 0: not
 * known. */
double bench_copy_rate(int threads);

/* --- reports --- */

/* The shared settings by name. */
json_t *bench_settings(const bench_options *o, const gan_config *c);

/* {versions, cpu, machine, threads}; with `o`, the shared settings too. */
json_t *bench_report(const bench_options *o, const gan_config *c, int threads);

/* Adds {prefix}, {prefix}_min, {prefix}_max in milliseconds. */
void bench_add_times(json_t *to, const char *prefix, bench_times s);

/* Prints the object, a line for each key and for each item of a list, and frees it. */
int bench_print(json_t *report);

/* The rows of a profile of so many steps, each of `seconds`: as text by part and by operation, and
 * as lists. */
void bench_print_profile(const gan_profile *p, int steps, double seconds);
json_t *bench_profile_parts(const gan_profile *p, int steps);
json_t *bench_profile_ops(const gan_profile *p, int steps);
double bench_profile_flops(const gan_profile *p); /* of all steps */

#endif
