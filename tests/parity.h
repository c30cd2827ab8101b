/* SPDX-License-Identifier: MIT
 *
 * parity.h - trainings against the same ones done by PyTorch in double (golden/make.sh), from the
 * same weights, images, labels, latent vectors, noise and penalties' numbers. The weights are loaded
 * from the golden file; the rest follows from the seed, as it did when the file was made. Folded
 * files (golden/cases.h) have no weights to load: these follow from the seed too. */
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
    double images; /* of PyTorch's final weights, and of ours where these are looked at: the worst
                         pixel's |a - b| / max(1, |b|) */
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

static inline int parity_folded(const parity *p) {
    return p->c->how & GOLDEN_FOLDED;
}

/* Puts PyTorch's weights, of the given time, into both networks. */
static inline void parity_load(parity *p, const char *g, const char *d) {
    gan_error err;
    if (parity_folded(p)) return;
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

/* The same of a folded tensor: its sums. */
static inline gan_tensor *parity_fetch_sums(parity *p, const char *prefix,
                                            const gan_parameter *of) {
    char name[256];
    snprintf(name, sizeof name, "%s.%s", prefix, of->name);
    gan_real *sums = parity_read(p, name, GOLDEN_SUMS);
    gan_tensor *x = gan_tensor_create(1, (int64_t[]){GOLDEN_SUMS});
    assert_non_null(x);
    memcpy(gan_tensor_edit(x), sums, GOLDEN_SUMS * sizeof *sums);
    free(sums);
    return x;
}

/* Where element i of a parameter lies in a file. */
static inline int64_t parity_place(const gan_layout *l, int64_t i) {
    int64_t at[6], place = 0;
    if (!l->view_rank) return i;
    for (int k = l->view_rank - 1; k >= 0; k--) {
        at[k] = i % l->view[k];
        i /= l->view[k];
    }
    for (int k = 0; k < l->view_rank; k++) place = place * l->view[l->order[k]] + at[l->order[k]];
    return place;
}

/* n numbers become GOLDEN_SUMS. */
static inline void parity_sum(gan_real *x, int64_t n) {
    double sum[GOLDEN_SUMS] = {0};
    for (int64_t i = 0; i < n; i++)
        sum[i % GOLDEN_SUMS] += (double)(i / GOLDEN_SUMS + 1) * (double)x[i];
    for (int k = 0; k < GOLDEN_SUMS; k++) x[k] = (gan_real)sum[k];
}

/* The sums of x, which belongs to a parameter (gan_tensor_free). */
static inline gan_tensor *parity_fold(const gan_parameter *of, const gan_tensor *x) {
    int64_t n = gan_tensor_size(x);
    gan_tensor *sums = gan_tensor_create(1, (int64_t[]){GOLDEN_SUMS});
    gan_real *filed = malloc((size_t)n * sizeof *filed);
    assert_non_null(sums);
    assert_non_null(filed);
    for (int64_t i = 0; i < n; i++) filed[parity_place(&of->layout, i)] = gan_tensor_data(x)[i];
    parity_sum(filed, n);
    memcpy(gan_tensor_edit(sums), filed, GOLDEN_SUMS * sizeof *filed);
    free(filed);
    return sums;
}

typedef struct parity_norms {
    double got, want, apart;
} parity_norms;

/* x, which belongs to a parameter, and what PyTorch has under the prefix. */
static inline parity_norms parity_compare(parity *p, const char *prefix, const gan_parameter *of,
                                          const gan_tensor *x) {
    int folded = parity_folded(p) && gan_tensor_size(x) > GOLDEN_SUMS;
    gan_tensor *sums = folded ? parity_fold(of, x) : NULL;
    gan_tensor *want = folded ? parity_fetch_sums(p, prefix, of) : parity_fetch(p, prefix, of);
    const gan_tensor *got = folded ? sums : x;
    parity_norms n = {parity_distance(NULL, got), parity_distance(NULL, want),
                      parity_distance(got, want)};
    gan_tensor_free(want);
    gan_tensor_free(sums);
    return n;
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
        worst = parity_worse(worst, fabs((r.n_critic ? r.d_loss : 0) - wd) / fmax(1, fabs(wd)));
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
            parity_norms n = parity_compare(p, prefix, &all->item[i], side->grads[k++]);
            if (pass) {
                double scale = n.want < 1e-12 * total ? total : fmax(n.got, n.want);
                worst = parity_worse(worst, n.apart / scale);
            } else {
                total = hypot(total, n.want);
            }
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
        parity_norms n = parity_compare(p, prefix, item, item->value);
        worst = parity_worse(worst, n.apart / fmax(fmax(n.got, n.want), 1e-2));
    }
    return worst;
}

/* [GOLDEN_IMAGES,H,W,C] of latent vectors, or of images one by one. */
static inline void parity_make(parity *p, const gan_real *z, gan_real *images) {
    const gan_network_config *c = gan_generator_config(p->run.g);
    int64_t h = c->source_height, w = c->source_width;
    gan_error err;
    if (!c->source_channels)
        parity_check(gan_sample(p->run.g, z, NULL, GOLDEN_IMAGES, images, 1, &err), &err);
    for (int i = 0; c->source_channels && i < GOLDEN_IMAGES; i++)
        parity_check(gan_apply(p->run.g, z + i * h * w * c->source_channels, h, w, 0, 0, 0,
                               images + i * c->height * c->width * c->channels, 1, &err),
                     &err);
}

/* What the generator makes of the file's inputs, as [N,C,H,W] (free). */
static inline gan_real *parity_draw(parity *p, int64_t n) {
    const gan_network_config *c = gan_generator_config(p->run.g);
    int64_t pixels = c->height * c->width, k = c->channels;
    int64_t source = c->source_height * c->source_width * c->source_channels;
    gan_real *z = parity_read(p, "z", (size_t)(GOLDEN_IMAGES * (source ? source : c->nz)));
    gan_real *made = malloc((size_t)n * sizeof *made), *filed = malloc((size_t)n * sizeof *filed);
    assert_non_null(made);
    assert_non_null(filed);
    parity_make(p, z, made);
    for (int64_t i = 0; i < n; i++) /* over N,H,W,C */
        filed[(i / (pixels * k) * k + i % k) * pixels + i / k % pixels] = made[i];
    free(z);
    free(made);
    return filed;
}

/* The worst pixel; of a folded file the worst sum. */
static inline double parity_images(parity *p) {
    const gan_config *c = &p->run.config;
    int64_t n = GOLDEN_IMAGES * c->height * c->width * c->channels;
    int64_t count = parity_folded(p) ? GOLDEN_SUMS : n;
    gan_real *want = parity_read(p, "images", (size_t)count), *got = parity_draw(p, n);
    double worst = 0;
    if (parity_folded(p)) parity_sum(got, n);
    for (int64_t i = 0; i < count; i++) {
        double a = (double)got[i], b = (double)want[i];
        worst = parity_worse(worst, fabs(a - b) / fmax(1, fabs(b)));
    }
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
    if (!parity_folded(&p)) e.images = parity_worse(e.images, parity_images(&p));
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
