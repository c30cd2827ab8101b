/* SPDX-License-Identifier: MIT
 *
 * A training step allocates nothing once two of its kind have run, with a profile or without:
 * the linker puts counting functions in place of the C allocator's. Pictures that have to be
 * decoded again are the exception, so all are cached here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>

#include "image_gen.h"
#include "train/internal.h"

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static atomic_long calls; /* also of the prefetch thread */

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    calls++;
    return __real_aligned_alloc(alignment, size);
}

void *__wrap_malloc(size_t size) {
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size) {
    calls++;
    return __real_realloc(p, size);
}

void __real_free(void *p);
void __wrap_free(void *p);

void __wrap_free(void *p) {
    __real_free(p);
}

/* --- one kind of training --- */

static void without_prefetch(gen_run *r) {
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    o.batch = (int)r->config.batch, o.flip = r->config.flip, o.seed = (uint64_t)r->config.seed;
    o.prefetch = 0;
    gan_loader_free(r->tr->loader);
    assert_int_equal(gan_loader_create(r->data, &o, &r->tr->loader, NULL), GAN_OK);
}

/* Steps of n_critic 2, then of 1, both with and without a look at the held-out images, and over
 * the end of an epoch. */
static void run(const char *const *settings, int prefetch) {
    gan_config c = gen_config(settings);
    gan_error err = {0};
    gen_run r;
    if (gen_open(&r, &c, &err)) fail_msg("%s", err.text);
    if (!prefetch) without_prefetch(&r);
    gan_profile *profile = prefetch ? gan_profile_create() : NULL;
    gan_trainer_profile(r.tr, profile);
    for (int step = 1; step <= 14; step++) {
        long before = calls;
        if (gan_trainer_step(r.tr, NULL, &err)) fail_msg("%s", err.text);
        int warm = (step > 4 && step <= 8) || step > 12;
        if (warm && calls != before)
            fail_msg("step %d of %s made %ld allocations", step, settings[1], calls - before);
    }
    assert_true(gan_loader_position(r.tr->loader) > gan_loader_batches_per_epoch(r.tr->loader));
    gen_close(&r);
    gan_profile_free(profile);
}

static void every_kind(const char *arch) {
    static const char *const losses[] = {"standard", "wgan", "wgan-gp"};
    for (int i = 0; i < 3; i++)
        for (int accumulate = 1; accumulate <= 2; accumulate++)
            for (int prefetch = 0; prefetch < 2; prefetch++) {
                const char *const settings[] = {
                    "loss",      losses[i],    "arch",
                    arch,        "n-critic",   "2@0,1@8",
                    "holdout",   "0.2",        "holdout-every",
                    "2",         "accumulate", accumulate == 1 ? "1" : "2",
                    "ema",       "0.9",        "flip",
                    "true",      "dropout",    i ? "0" : "0.1",
                    "clip-norm", "5",          NULL};
                run(settings, prefetch);
            }
}

static void steps_of_a_dcgan(void **state) {
    (void)state;
    every_kind("dcgan");
}

static void steps_of_an_mlp(void **state) {
    (void)state;
    every_kind("mlp");
}

/* Whatever a setting puts into a step. */
#define EVERYTHING                                                                                 \
    "spectral-d", "true", "spectral-g", "true", "stddev", "4", "pack", "2", "batch", "8",          \
        "mode-seeking", "0.5", "noise", "0.1", "lr-g", "warmup(9)*cosine(2e-4->0, 20)",            \
        "weight-decay", "0.1", "ema", "0.9", "holdout", "0.2", "holdout-every", "2"
#define PENALTIES "penalty", "gp:1+gp0:1+r1:1+r2:1+dragan:1+dragan0:1+drift:1"

static void steps_with_everything(void **state) {
    static const char *const rows[][40] = {
        {"loss", "relativistic", EVERYTHING, PENALTIES, "n-critic", "2@0,1@8", NULL},
        {"loss", "hinge", EVERYTHING, PENALTIES, "arch", "mlp", "penalty-every", "2", NULL},
        {"loss", "lsgan", EVERYTHING, "accumulate", "2", "n-critic", "auto", NULL},
        {"loss", "standard", EVERYTHING, "n-critic", "0.5@0,1@8", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int prefetch = 0; prefetch < 2; prefetch++) run(rows[i], prefetch);
}

/* The counting itself: what a trainer's creation allocates is seen. */
static void allocations_are_counted(void **state) {
    gan_config c = gen_config(NULL);
    gen_run r;
    long before = calls;
    (void)state;
    assert_int_equal(gen_open(&r, &c, NULL), GAN_OK);
    assert_true(calls > before + 50);
    gen_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_counted),
        cmocka_unit_test(steps_of_a_dcgan),
        cmocka_unit_test(steps_of_an_mlp),
        cmocka_unit_test(steps_with_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
