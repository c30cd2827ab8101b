/* SPDX-License-Identifier: MIT */
#include "cli/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* --- settings --- */

static const gan_option *setting(const char *name) {
    for (int i = 0; gan_option_at(i); i++)
        if (!strcmp(gan_option_at(i)->name, name)) return gan_option_at(i);
    return NULL;
}

static int shared_count(const bench_options *o) {
    int n = 0;
    while (o->shared[n]) n++;
    return n;
}

const cli_option *bench_option_at(const bench_options *o, int i) {
    static cli_option shown; /* for one caller at a time: the command line has one thread */
    int n = shared_count(o);
    if (i >= n) return i - n < o->own_count ? &o->own[i - n] : NULL;
    const gan_option *s = setting(o->shared[i]);
    shown = (cli_option){s->name, s->argument, s->group, s->help, s->fallback};
    return &shown;
}

static int is_shared(const bench_options *o, const char *name) {
    for (int i = 0; o->shared[i]; i++)
        if (!strcmp(o->shared[i], name)) return 1;
    return 0;
}

/* What a preset brings, where one is asked for, wins over defaults of ours. */
static int left_to_preset(const cli_line *line, const char *name) {
    const gan_option *o = setting(name);
    return strcmp(cli_value(line, "preset", "none"), "none") && o && o->fallback &&
           !strcmp(o->fallback, "recipe");
}

gan_status bench_config(const bench_options *o, const cli_line *line, gan_config *c,
                        gan_error *err) {
    static const char *const none[] = {NULL};
    return bench_config_over(o, line, none, c, err);
}

gan_status bench_config_over(const bench_options *o, const cli_line *line,
                             const char *const *defaults, gan_config *c, gan_error *err) {
    gan_status s = GAN_OK;
    gan_config_init(c);
    for (; *defaults && !s; defaults += 2)
        if (!left_to_preset(line, *defaults)) s = gan_config_set(c, defaults[0], defaults[1], err);
    for (int i = 0; i < line->count && !s; i++)
        if (is_shared(o, line->given[i].name))
            s = gan_config_set(c, line->given[i].name, line->given[i].value, err);
    return s ? s : gan_config_resolve(c, err);
}

gan_status bench_no_memory(gan_error *err) {
    return cli_error(err, GAN_ENOMEM, "out of memory");
}

int bench_threads(int64_t threads) {
    gan_tape *t = gan_tape_create((int)threads);
    int n = gan_tape_threads(t);
    gan_tape_free(t);
    return n;
}

/* --- images --- */

gan_status bench_read_images(gan_dataset *ds, size_t count, uint8_t *pixels, int *labels,
                             gan_error *err) {
    const size_t values = (size_t)gan_dataset_height(ds) * (size_t)gan_dataset_width(ds) *
                          (size_t)gan_dataset_channels(ds);
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *loader = NULL;
    o.batch = 1, o.prefetch = 0;
    gan_real *x = malloc(values * sizeof *x);
    gan_status s = x ? gan_loader_create(ds, &o, &loader, err) : bench_no_memory(err);
    for (size_t i = 0; i < count && !s; i++) {
        s = gan_loader_next(loader, x, labels + i, err);
        if (!s) gan_image_from_real(x, values, pixels + i * values);
    }
    gan_loader_free(loader);
    free(x);
    return s;
}

/* --- time --- */

double bench_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int bench_by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bench_times bench_summary(double *seconds, int n) {
    qsort(seconds, (size_t)n, sizeof *seconds, bench_by_size);
    double median = (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
    return (bench_times){median, seconds[0], seconds[n - 1]};
}

static double once(bench_work *prepare, bench_work *work, void *user, int repeat) {
    if (prepare) prepare(user);
    double before = bench_seconds();
    for (int i = 0; i < repeat; i++) work(user);
    return (bench_seconds() - before) / repeat;
}

bench_times bench_time(bench_work *prepare, bench_work *work, void *user, int runs) {
    enum { MOST = 1000 };
    const double least = 0.005; /* seconds for a figure, large against a thread's waking up */
    double seconds[MOST];
    if (runs > MOST) runs = MOST;
    once(prepare, work, user, 1);
    double first = once(prepare, work, user, 1);
    int repeat = !prepare && first < least ? (int)(least / (first + 1e-7)) + 1 : 1;
    for (int i = 0; i < runs; i++) seconds[i] = once(prepare, work, user, repeat);
    return bench_summary(seconds, runs);
}

/* --- the machine --- */

double bench_peak_rss_mib(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) ? 0 : (double)usage.ru_maxrss / 1024;
}

#if defined(__clang__)
#    define COMPILER __VERSION__
#elif defined(__GNUC__)
#    define COMPILER "GCC " __VERSION__
#else
#    define COMPILER "not known"
#endif
#ifndef GAN_BLAS_NAME
#    define GAN_BLAS_NAME "not known"
#endif

/* As /proc/cpuinfo names it. */
static void cpu_model(char *name, size_t size) {
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "not known");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon) continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(name, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (f) fclose(f);
}

/* --- reports --- */

json_t *bench_settings(const bench_options *o, const gan_config *c) {
    char *text = gan_config_to_json(c);
    json_t *all = text ? json_loads(text, 0, NULL) : NULL, *some = json_object();
    for (int i = 0; o->shared[i]; i++)
        json_object_set(some, o->shared[i], json_object_get(all, o->shared[i]));
    json_decref(all);
    gan_config_free_text(text);
    return some;
}

json_t *bench_report(const bench_options *o, const gan_config *c, int threads) {
    char cpu[256];
    cpu_model(cpu, sizeof cpu);
    json_t *versions = json_pack("{s:s, s:s, s:s}", "libgan", gan_version(), "blas", GAN_BLAS_NAME,
                                 "compiler", COMPILER);
    json_t *r = json_pack("{s:o, s:s, s:s, s:i}", "versions", versions, "cpu", cpu, "machine",
                          gan_machine_name(), "threads", threads);
    if (o) json_object_set_new(r, "settings", bench_settings(o, c));
    return r;
}

void bench_add_times(json_t *to, const char *prefix, bench_times s) {
    char min[32], max[32];
    snprintf(min, sizeof min, "%s_min", prefix);
    snprintf(max, sizeof max, "%s_max", prefix);
    json_object_set_new(to, prefix, json_real(1e3 * s.median));
    json_object_set_new(to, min, json_real(1e3 * s.min));
    json_object_set_new(to, max, json_real(1e3 * s.max));
}

static void print_value(const json_t *value) {
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    fputs(text ? text : "null", stdout);
    free(text);
}

static void print_list(const json_t *list) {
    size_t n = json_array_size(list);
    printf("[");
    for (size_t i = 0; i < n; i++) {
        printf("%s\n    ", i ? "," : "");
        print_value(json_array_get(list, i));
    }
    printf("%s]", n ? "\n  " : "");
}

int bench_print(json_t *report) {
    const char *key, *comma = "{";
    json_t *value;
    json_object_foreach(report, key, value) {
        printf("%s\n  \"%s\": ", comma, key);
        if (json_is_array(value))
            print_list(value);
        else
            print_value(value);
        comma = ",";
    }
    printf("\n}\n");
    json_decref(report);
    return EXIT_DONE;
}
