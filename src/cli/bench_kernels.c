/* SPDX-License-Identifier: MIT
 *
 * Each kernel by itself. A convolution's rate is told beside two of the machine: that of a matrix
 * product, measured here and now, and the most that its multiply-add units can do. What moves
 * memory is told beside a copy. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench.h"
#include "cli/bench_conv.h"
#include "cli/pin.h"

enum { MOST_RUNS = 1000 };

static const cli_option own[] = {
    {"batch", "N", "bench", "images in a batch", "64"},
    {"runs", "N", "bench", "runs that are timed, each", "5"},
    {"threads", "N", "bench", "0: one for each processor", "0"},
    {"json", NULL, "bench", "one JSON object instead of tables", NULL},
};

static const cli_option *option_at(int i) {
    return i < (int)(sizeof own / sizeof *own) ? &own[i] : NULL;
}

/* The layers of the 64x64 and of the 28x28 DCGAN. A layer of G is the convolution that it is the
 * input gradient of, so most are layers of D too. The last two are of other networks. */
static const bench_conv convs[] = {
    {"D1, G5", 64, 3, 64, 4, 2, 1, 0, 0},    {"D2, G4", 32, 64, 128, 4, 2, 1, 0, 0},
    {"D3, G3", 16, 128, 256, 4, 2, 1, 0, 0}, {"D4, G2", 8, 256, 512, 4, 2, 1, 0, 0},
    {"D5", 4, 512, 1, 4, 1, 0, 0, 0},        {"G1", 4, 512, 100, 4, 1, 0, 0, 0},
    {"28 D1, G3", 28, 1, 64, 4, 2, 1, 0, 0}, {"28 D2, G2", 14, 64, 128, 4, 2, 1, 0, 0},
    {"28 D3", 7, 128, 1, 7, 1, 0, 0, 0},     {"28 G1", 7, 128, 100, 7, 1, 0, 0, 0},
    {"3x3", 32, 64, 64, 3, 1, 1, 0, 0},      {"1x1", 16, 128, 128, 1, 1, 0, 0, 0},
};
static const char *const directions[] = {"conv2d", "conv2d_input", "conv2d_weight"};

typedef struct job {
    gan_tape *t;
    int runs, threads;
    int64_t batch;
    gan_rng rng;
    double product, peak, copy; /* flop/s, flop/s, bytes/s */
    json_t *report;             /* NULL: text */
    json_t *convs, *others;
    /* what runs now */
    bench_conv g;
    bench_direction direction;
    gan_tensor *a, *b, *c, *d, *out;
    gan_optimizer *adam;
} job;

static gan_tensor *random_tensor(job *j, int rank, const int64_t *dim) {
    gan_tensor *x = gan_tensor_create(rank, dim);
    if (x)
        gan_rng_fill_uniform(&j->rng, gan_tensor_edit(x), (size_t)gan_tensor_size(x), -1, 1);
    else
        gan_tape_fail(j->t, GAN_ENOMEM, "out of memory");
    return x;
}

static void free_tensors(job *j) {
    gan_tensor_free(j->a);
    gan_tensor_free(j->b);
    gan_tensor_free(j->c);
    gan_tensor_free(j->d);
    j->a = j->b = j->c = j->d = j->out = NULL;
}

/* --- convolutions --- */

/* a, b, c are x, w, y. */
static void convolve(void *user) {
    job *j = user;
    const bench_conv *g = &j->g;
    gan_window window = gan_window_square(g->stride, g->pad);
    gan_tape_reset(j->t);
    gan_tape_record(j->t, 0);
    if (j->direction == BENCH_Y)
        j->out = gan_conv2d(j->t, j->a, j->b, window);
    else if (j->direction == BENCH_X)
        j->out = gan_conv2d_input(j->t, j->c, j->b, window, g->h, g->h);
    else
        j->out = gan_conv2d_weight(j->t, j->a, j->c, window, g->side, g->side);
}

static double error_of(job *j) {
    const gan_real *data[] = {gan_tensor_data(j->c), gan_tensor_data(j->a), gan_tensor_data(j->b)};
    if (!j->out) return 0;
    data[j->direction] = gan_tensor_data(j->out);
    return bench_conv_error(&j->g, j->direction, data[BENCH_X], data[BENCH_W], data[BENCH_Y]);
}

static void tell_conv(job *j, bench_times s, double error) {
    const bench_conv *g = &j->g;
    double sums = (double)(g->n * g->oh * g->oh * g->k) * (double)(g->side * g->side * g->c);
    double rate = 2 * sums / s.median;
    char shape[64];
    snprintf(shape, sizeof shape, "%dx%dx%d->%dx%dx%d k%d s%d", (int)g->h, (int)g->h, (int)g->c,
             (int)g->oh, (int)g->oh, (int)g->k, (int)g->side, g->stride);
    if (!j->report) {
        printf("%-9s %-29s %-13s %8.3f %8.1f %6.2f %6.2f  %.1e\n", g->name, shape,
               directions[j->direction], 1e3 * s.median, rate / 1e9, rate / j->product,
               j->peak > 0 ? rate / j->peak : 0, error);
        return;
    }
    json_t *item = json_pack("{s:s, s:s, s:s}", "layer", g->name, "shape", shape, "direction",
                             directions[j->direction]);
    bench_add_times(item, "ms", s);
    json_object_set_new(item, "gflops", json_real(rate / 1e9));
    json_object_set_new(item, "of_product", json_real(rate / j->product));
    json_object_set_new(item, "of_peak", json_real(j->peak > 0 ? rate / j->peak : 0));
    json_object_set_new(item, "error", json_real(error));
    json_array_append_new(j->convs, item);
}

static gan_status bench_one_conv(job *j, const bench_conv *conv, gan_error *err) {
    bench_conv *g = &j->g;
    *g = *conv;
    g->n = j->batch;
    g->oh = (g->h + 2 * g->pad - g->side) / g->stride + 1;
    gan_tape_reset(j->t);
    j->a = random_tensor(j, 4, (int64_t[]){g->n, g->h, g->h, g->c});
    j->b = random_tensor(j, 4, (int64_t[]){g->k, g->side, g->side, g->c});
    j->c = random_tensor(j, 4, (int64_t[]){g->n, g->oh, g->oh, g->k});
    for (int d = BENCH_Y; d <= BENCH_W && !gan_tape_status(j->t); d++) {
        j->direction = (bench_direction)d;
        bench_times s = bench_time(NULL, convolve, j, j->runs);
        if (!gan_tape_status(j->t)) tell_conv(j, s, error_of(j));
    }
    if (gan_tape_status(j->t)) *err = *gan_tape_error(j->t);
    free_tensors(j);
    return gan_tape_status(j->t);
}

/* --- others: each on tensors a to d --- */

static void multiply(void *user) {
    job *j = user;
    gan_tape_reset(j->t);
    gan_tape_record(j->t, 0);
    gan_matmul(j->t, j->a, j->b, 0);
}

static void normalise(void *user) {
    job *j = user;
    gan_tape_reset(j->t);
    j->out = gan_batch_norm(j->t, j->a, j->b, j->c, 1e-5, NULL, NULL);
}

static void attend(void *user) {
    job *j = user;
    gan_tape_reset(j->t);
    j->out = gan_attention(j->t, j->a, j->b, j->c, 1);
}

static void rectify(void *user) {
    job *j = user;
    gan_tape_reset(j->t);
    j->out = gan_leaky_relu(j->t, j->a, 0.2);
}

/* Gradients of out in all its operands. */
static void back(void *user) {
    job *j = user;
    gan_tensor *wrt[] = {j->a, j->b, j->c}, *grads[3];
    gan_grad(j->t, j->out, j->d, j->b ? 3 : 1, wrt, grads, 0);
}

static void update(void *user) {
    job *j = user;
    gan_optimizer_step(j->adam, &j->b, 1e-6, j->threads, NULL, NULL);
}

static void tell(job *j, const char *name, const char *shape, bench_times s, double flops,
                 double reals) {
    double bytes = reals * (double)sizeof(gan_real) / s.median;
    if (!j->report) {
        printf("%-20s %-19s %8.3f %8.1f %8.1f %6.2f\n", name, shape, 1e3 * s.median,
               flops / s.median / 1e9, bytes / 1e9, j->copy > 0 ? bytes / j->copy : 0);
        return;
    }
    json_t *item = json_pack("{s:s, s:s}", "kernel", name, "shape", shape);
    bench_add_times(item, "ms", s);
    json_object_set_new(item, "gflops", json_real(flops / s.median / 1e9));
    json_object_set_new(item, "gbytes_per_second", json_real(bytes / 1e9));
    json_object_set_new(item, "of_copy", json_real(j->copy > 0 ? bytes / j->copy : 0));
    json_array_append_new(j->others, item);
}

/* A square product: the rate that convolutions are measured by. */
static bench_times product(job *j, int64_t side) {
    gan_tape_reset(j->t);
    j->a = random_tensor(j, 2, (int64_t[]){side, side});
    j->b = random_tensor(j, 2, (int64_t[]){side, side});
    bench_times s = bench_time(NULL, multiply, j, j->runs);
    free_tensors(j);
    return s;
}

static void bench_norm(job *j) {
    char shape[48];
    const int64_t dim[4] = {j->batch, 32, 32, 64};
    double n = (double)(j->batch * 32 * 32 * 64);
    snprintf(shape, sizeof shape, "[%lld,32,32,64]", (long long)j->batch);
    j->a = random_tensor(j, 4, dim);
    j->d = random_tensor(j, 4, dim);
    tell(j, "leaky_relu", shape, bench_time(NULL, rectify, j, j->runs), n, 2 * n);
    tell(j, "leaky_relu backward", shape, bench_time(rectify, back, j, j->runs), n, 3 * n);
    j->b = random_tensor(j, 1, &dim[3]);
    j->c = random_tensor(j, 1, &dim[3]);
    tell(j, "batch_norm", shape, bench_time(NULL, normalise, j, j->runs), n, 2 * n);
    tell(j, "batch_norm backward", shape, bench_time(normalise, back, j, j->runs), n, 3 * n);
    free_tensors(j);
}

/* q and k [b,tokens,d], v [b,tokens,e]; back are the products of the forward pass twice and the scores
 * once more. */
static void bench_attention(job *j, int64_t b, int64_t tokens, int64_t d, int64_t e) {
    char shape[48];
    double scores = (double)(b * tokens) * (double)tokens, row = (double)(b * tokens);
    double forward = 2 * scores * (double)(d + e), once_more = 2 * scores * (double)d;
    snprintf(shape, sizeof shape, "[%d,%d,%d] E %d", (int)b, (int)tokens, (int)d, (int)e);
    j->a = random_tensor(j, 3, (int64_t[]){b, tokens, d});
    j->b = random_tensor(j, 3, (int64_t[]){b, tokens, d});
    j->c = random_tensor(j, 3, (int64_t[]){b, tokens, e});
    j->d = random_tensor(j, 3, (int64_t[]){b, tokens, e});
    tell(j, "attention", shape, bench_time(NULL, attend, j, j->runs), forward,
         2 * row * (double)(d + e));
    tell(j, "attention backward", shape, bench_time(attend, back, j, j->runs),
         2 * forward + once_more, 4 * row * (double)(d + e));
    free_tensors(j);
}

static void bench_adam(job *j, gan_error *err) {
    const int64_t n = 4 << 20;
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    j->a = random_tensor(j, 1, &n);
    j->b = random_tensor(j, 1, &n);
    char name[] = "w";
    gan_parameter w = {.name = name, .value = j->a, .role = GAN_ROLE_WEIGHT};
    gan_parameters p = {1, &w};
    if (j->a && j->b && !gan_optimizer_create(&c, &p, &j->adam, err))
        tell(j, "adam", "[4194304]", bench_time(NULL, update, j, j->runs), (double)n,
             8 * (double)n);
    gan_optimizer_free(j->adam);
    free_tensors(j);
}

static gan_status bench_others(job *j, gan_error *err) {
    gan_tape_reset(j->t);
    if (!j->report)
        printf("\n%-20s %-19s %8s %8s %8s %6s\n", "kernel", "shape", "ms", "GFLOP/s", "GB/s",
               "/copy");
    for (int64_t side = 256; side <= 1024; side *= 2) {
        char shape[48];
        double n = (double)side;
        snprintf(shape, sizeof shape, "[%d,%d]", (int)side, (int)side);
        tell(j, "matmul", shape, product(j, side), 2 * n * n * n, 3 * n * n);
    }
    bench_norm(j);
    bench_attention(j, 4 * j->batch, 256, 32, 32);
    bench_attention(j, j->batch, 1024, 8, 32);
    bench_adam(j, err);
    if (gan_tape_status(j->t)) *err = *gan_tape_error(j->t);
    return err->code;
}

/* --- the command --- */

static void rates(job *j) {
    const double side = 1024;
    j->peak = gan_machine_fma_peak(j->threads);
    j->copy = bench_copy_rate(j->threads);
    j->product = 2 * side * side * side / product(j, (int64_t)side).median;
    if (!j->report) {
        printf("%d threads, %s: product of 1024x1024 matrices %.1f GFLOP/s, multiply-add peak %.1f "
               "GFLOP/s, copy %.1f GB/s\n\n",
               j->threads, gan_machine_name(), j->product / 1e9, j->peak / 1e9, j->copy / 1e9);
        printf("%-9s %-29s %-13s %8s %8s %6s %6s  %s\n", "layer", "shape", "direction", "ms",
               "GFLOP/s", "/product", "/peak", "error");
        return;
    }
    json_object_set_new(j->report, "batch", json_integer(j->batch));
    json_object_set_new(j->report, "product_gflops", json_real(j->product / 1e9));
    json_object_set_new(j->report, "peak_gflops", json_real(j->peak / 1e9));
    json_object_set_new(j->report, "copy_gbytes_per_second", json_real(j->copy / 1e9));
}

static gan_status measure(job *j, gan_error *err) {
    gan_status s = GAN_OK;
    rates(j);
    for (size_t i = 0; i < sizeof convs / sizeof *convs && !s; i++)
        s = bench_one_conv(j, &convs[i], err);
    return s ? s : bench_others(j, err);
}

static void begin_report(job *j) {
    j->report = json_pack("{s:s}", "bench", "kernels");
    json_t *about = bench_report(NULL, NULL, j->threads);
    json_object_update(j->report, about);
    json_decref(about);
    j->convs = json_array(), j->others = json_array();
}

static void end_report(job *j, gan_status s) {
    json_object_set_new(j->report, "convolutions", j->convs);
    json_object_set_new(j->report, "kernels", j->others);
    if (s)
        json_decref(j->report);
    else
        bench_print(j->report);
}

static int run(const cli_line *line) {
    long long batch = 64, runs = 5, threads = 0;
    gan_error err = {0};
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "'%s' is not an option; see gan bench kernels --help",
                        line->rest[0]);
    if (!cli_integer(line, "batch", 1, 65536, &batch) ||
        !cli_integer(line, "runs", 1, MOST_RUNS, &runs) ||
        !cli_integer(line, "threads", 0, 1024, &threads))
        return EXIT_USAGE;
    pin_threads(threads);
    job j = {.runs = (int)runs, .batch = batch, .rng = gan_rng_make(1, 0, 0)};
    j.threads = bench_threads(threads);
    j.t = gan_tape_create(j.threads);
    if (cli_flag(line, "json")) begin_report(&j);
    gan_status s = j.t ? measure(&j, &err) : GAN_ENOMEM;
    if (j.report) end_report(&j, s);
    gan_tape_free(j.t);
    return s ? cli_refuse(&err) : EXIT_DONE;
}

static void notes(void) {
    printf(
        "GFLOP/s counts a convolution as its direct sum, a multiply-add as two. error: of 500\n"
        "random elements against that sum in double, relative, L2. /copy: GB/s beside those of a\n"
        "copy in memory; above 1, a cache held the operands.\n");
}

const cli_command cli_bench_kernels = {
    .name = "bench kernels",
    .summary = "times each kernel beside what the machine can do, and checks convolutions",
    .usage = "bench kernels [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
