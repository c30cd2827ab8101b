/* SPDX-License-Identifier: MIT
 *
 * parity.h - trainings against the same ones done by PyTorch in double (golden/make.sh), from the
 * same weights, images, latent vectors, noise and penalties' numbers. The weights are loaded from
 * the golden file; the rest follows from the seed, as it did when the file was made. */
#ifndef PARITY_H
#define PARITY_H

#include "support.h"

#include "gan/sampler.h"
#include "golden/cases.h"
#include "train/store.h"

/* The errors that are allowed; 0: not looked at. */
typedef struct parity_limits {
    double losses;    /* of 10 steps: |a - b| / max(1, |b|) */
    double gradients; /* of the first step: |a - b| / max(|a|, |b|), a tensor's norms */
    double weights;   /* all state after 10 steps, the same way */
    double images;    /* of PyTorch's final weights, and of ours where these are looked at: |a - b|
                         of the worst pixel */
} parity_limits;

typedef struct parity {
    const golden_case *c;
    golden_run run;
    gan_safetensors *f;
} parity;

static inline void parity_check(gan_status s, const gan_error *err) {
    if (s) fail_msg("%s", err->text);
}

static inline void parity_open(parity *p, const golden_case *c) {
    char path[4096];
    const char *folder = getenv("GAN_GOLDEN");
    gan_error err;
    p->c = c;
    snprintf(path, sizeof path, "%s/expected_%s.safetensors", folder ? folder : "golden", c->name);
    parity_check(gan_safetensors_open(path, &p->f, &err), &err);
    parity_check(golden_open(c, &p->run, &err), &err);
}

/* Puts PyTorch's weights, of the given time, into both networks. */
static inline void parity_load(parity *p, const char *g, const char *d) {
    gan_error err;
    parity_check(gan__fetch_parameters(p->f, g, gan_generator_parameters(p->run.g), 0, &err), &err);
    parity_check(gan__fetch_parameters(p->f, d, gan_discriminator_parameters(p->run.d), 0, &err),
                 &err);
}

static inline void parity_close(parity *p) {
    golden_close(&p->run);
    gan_safetensors_close(p->f);
}

/* The elements of a tensor of the file, in the file's order and rounded to gan_real. */
static inline gan_real *parity_read(parity *p, const char *name, size_t n) {
    gan_error err;
    const gan_safetensors_entry *e = gan_safetensors_find(p->f, name);
    gan_real *x = malloc(n * sizeof *x);
    assert_non_null(e);
    assert_non_null(x);
    parity_check(gan_safetensors_read_real(e, x, n, &err), &err);
    return x;
}

/* --- norms --- */

/* Not a number is as wrong as can be. */
static inline double parity_worse(double worst, double error) {
    return isfinite(error) ? fmax(worst, error) : HUGE_VAL;
}

/* a = NULL: the norm of b */
static inline double parity_distance(const gan_tensor *a, const gan_tensor *b) {
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_size(b); i++) {
        double d = (double)gan_tensor_data(b)[i];
        if (a) d -= (double)gan_tensor_data(a)[i];
        sum += d * d;
    }
    return sqrt(sum);
}

/* PyTorch's value of a parameter under another prefix, in our layout (gan_tensor_free). */
static inline gan_tensor *parity_fetch(parity *p, const char *prefix, const gan_parameter *of) {
    int64_t dim[GAN_MAX_RANK];
    gan_error err;
    for (int i = 0; i < gan_tensor_rank(of->value); i++) dim[i] = gan_tensor_dim(of->value, i);
    gan_tensor *x = gan_tensor_create(gan_tensor_rank(of->value), dim);
    assert_non_null(x);
    parity_check(gan__fetch_parameter(p->f, prefix, of, x, &err), &err);
    return x;
}

/* --- the comparisons --- */

static inline double parity_losses(parity *p) {
    gan_real *d = parity_read(p, "d_loss", GOLDEN_STEPS),
             *g = parity_read(p, "g_loss", GOLDEN_STEPS);
    double worst = 0;
    for (int i = 0; i < GOLDEN_STEPS; i++) {
        gan_report r;
        gan_error err;
        double wd = (double)d[i], wg = (double)g[i];
        parity_check(gan_trainer_step(p->run.trainer, &r, &err), &err);
        worst = parity_worse(worst, fabs(r.d_loss - wd) / fmax(1, fabs(wd)));
        worst = parity_worse(worst, fabs(r.g_loss - wg) / fmax(1, fabs(wg)));
    }
    free(d);
    free(g);
    return worst;
}

/* A bias before batch norm has the gradient 0, in both only rounding is left of it: that is
 * measured against the gradient of the whole network. */
static inline double parity_side(parity *p, const gan_parameters *all, const gan__side *side,
                                 const char *prefix) {
    double worst = 0, total = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0, k = 0; i < all->count; i++) {
            if (!gan_parameter_trained(&all->item[i])) continue;
            gan_tensor *want = parity_fetch(p, prefix, &all->item[i]), *got = side->grads[k++];
            double a = parity_distance(NULL, got), b = parity_distance(NULL, want);
            if (pass) {
                double scale = b < 1e-12 * total ? total : fmax(a, b);
                worst = parity_worse(worst, parity_distance(got, want) / scale);
            } else {
                total = hypot(total, b);
            }
            gan_tensor_free(want);
        }
    return worst;
}

/* Of the first D update and the first G update. D's are looked at before anything else runs: they
 * go with the tape. */
static inline double parity_gradients(parity *p) {
    gan_trainer *tr = p->run.trainer;
    gan_report r = {0};
    gan_error err;
    double worst = 0;
    int64_t n_critic = r.n_critic = golden_begin(tr);
    for (int64_t i = 0; i < n_critic; i++) {
        parity_check(gan__step_d(tr, i + 1 == n_critic, &r, &err), &err);
        if (i) continue;
        worst = parity_side(p, gan_discriminator_parameters(tr->d), &tr->ds, "grad.d");
    }
    parity_check(gan__step_g(tr, &r, &err), &err);
    return parity_worse(worst, parity_side(p, gan_generator_parameters(tr->g), &tr->gs, "grad.g"));
}

/* A bias before batch norm is only rounding, again: hence the smallest scale. */
static inline double parity_state(parity *p, const gan_parameters *all, const char *prefix) {
    double worst = 0;
    for (int i = 0; i < all->count; i++) {
        const gan_parameter *item = &all->item[i];
        if (item->counter) {
            char name[256];
            int64_t count;
            gan_error err;
            snprintf(name, sizeof name, "%s.%s", prefix, item->name);
            const gan_safetensors_entry *e = gan_safetensors_find(p->f, name);
            assert_non_null(e);
            parity_check(gan_safetensors_read_i64(e, &count, 1, &err), &err);
            assert_int_equal(*item->counter, count);
            continue;
        }
        gan_tensor *want = parity_fetch(p, prefix, item);
        double scale = fmax(parity_distance(NULL, item->value), parity_distance(NULL, want));
        worst = parity_worse(worst, parity_distance(item->value, want) / fmax(scale, 1e-2));
        gan_tensor_free(want);
    }
    return worst;
}

static inline double parity_images(parity *p) {
    const gan_config *c = &p->run.config;
    int64_t pixels = c->height * c->width, n = GOLDEN_IMAGES * pixels * c->channels;
    gan_real *z = parity_read(p, "z", (size_t)(GOLDEN_IMAGES * c->nz));
    gan_real *want = parity_read(p, "images", (size_t)n), *got = malloc((size_t)n * sizeof *got);
    gan_error err;
    double worst = 0;
    assert_non_null(got);
    parity_check(gan_sample(p->run.g, z, NULL, GOLDEN_IMAGES, got, 1, &err), &err);
    for (int64_t i = 0; i < n; i++) { /* i runs over N,H,W,C, the file over N,C,H,W */
        int64_t image = i / (pixels * c->channels), at = i / c->channels % pixels;
        int64_t there = (image * c->channels + i % c->channels) * pixels + at;
        worst = parity_worse(worst, fabs((double)got[i] - (double)want[there]));
    }
    free(z);
    free(want);
    free(got);
    return worst;
}

/* --- running them --- */

static inline void parity_case(const golden_case *c, const parity_limits *limits,
                               parity_limits *worst) {
    parity p;
    parity_limits e = {0, 0, 0, 0};
    parity_open(&p, c);
    parity_load(&p, "init.g", "init.d");
    e.gradients = parity_gradients(&p);
    parity_close(&p);

    parity_open(&p, c);
    parity_load(&p, "init.g", "init.d");
    e.losses = parity_losses(&p);
    if (limits->weights > 0) {
        e.weights = parity_state(&p, gan_generator_parameters(p.run.g), "final.g");
        e.weights = parity_worse(
            e.weights, parity_state(&p, gan_discriminator_parameters(p.run.d), "final.d"));
        e.images = parity_images(&p);
    }
    parity_load(&p, "final.g", "final.d");
    e.images = parity_worse(e.images, parity_images(&p));
    parity_close(&p);

    printf("%-18s  %.1e  %.1e  %.1e  %.1e\n", c->name, e.losses, e.gradients, e.weights, e.images);
    worst->losses = fmax(worst->losses, e.losses);
    worst->gradients = fmax(worst->gradients, e.gradients);
    worst->weights = fmax(worst->weights, e.weights);
    worst->images = fmax(worst->images, e.images);
}

static inline void parity_run(const parity_limits *limits) {
    parity_limits w = {0, 0, 0, 0};
    printf("%-18s  losses   gradients  state  images\n", "");
    for (size_t i = 0; i < GOLDEN_CASES; i++) parity_case(&golden_cases[i], limits, &w);
    printf("%-18s  %.1e  %.1e  %.1e  %.1e\n", "worst", w.losses, w.gradients, w.weights, w.images);
    assert_true(w.losses <= limits->losses);
    assert_true(w.gradients <= limits->gradients);
    assert_true(w.weights <= limits->weights);
    assert_true(w.images <= limits->images);
}

#endif
