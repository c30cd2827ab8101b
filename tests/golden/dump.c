/* SPDX-License-Identifier: MIT
 *
 * dump.c - writes, for each case, what PyTorch needs to do the same training: the settings, the
 * initial weights, and for every step the images, latent vectors and penalty's uniform numbers that
 * the trainer used. Part of make.sh. usage: dump DIR */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "gan/sampler.h"
#include "nn/internal.h"
#include "train/store.h"

/* What the trainer used, one slice an update. */
typedef struct record {
    const char *name;
    int64_t dim[5];
    int rank;
    gan_real *data;
    size_t slice, used;
} record;

enum { REAL, NOISE_D, UNIFORM, NOISE_G, LATENT, RECORDS };

static void die(const char *what, const char *why) {
    fprintf(stderr, "dump: %s: %s\n", what, why);
    exit(1);
}

static record make(const char *name, int rank, const int64_t *dim) {
    record r = {.name = name, .rank = rank, .slice = 1};
    memcpy(r.dim, dim, (size_t)rank * sizeof *dim);
    for (int i = 1; i < rank; i++) r.slice *= (size_t)dim[i];
    r.data = calloc((size_t)dim[0] * r.slice, sizeof *r.data);
    if (!r.data) die(name, "out of memory");
    return r;
}

static gan_real *next(record *r) {
    return r->data + r->slice * r->used++;
}

static void copy(record *r, const gan_tensor *x) {
    memcpy(next(r), gan_tensor_data(x), r->slice * sizeof *r->data);
}

static void make_records(const golden_run *run, int64_t n_critic, record *r) {
    const gan_config *c = &run->config;
    int64_t updates = GOLDEN_STEPS * n_critic;
    r[REAL] = make("real", 5, (int64_t[]){updates, c->batch, c->height, c->width, c->channels});
    r[NOISE_D] = make("noise_d", 3, (int64_t[]){updates, c->batch, c->nz});
    r[UNIFORM] = make("uniform", 2, (int64_t[]){updates, c->batch});
    r[NOISE_G] = make("noise_g", 3, (int64_t[]){GOLDEN_STEPS, c->batch, c->nz});
    r[LATENT] = make("z", 2, (int64_t[]){GOLDEN_IMAGES, c->nz});
    gan_sample_noise(run->g, 1, 0, GOLDEN_IMAGES, r[LATENT].data);
}

/* The uniform numbers are drawn inside the penalty: here they are drawn again from its stream. */
static void step(gan_trainer *tr, int64_t n_critic, record *r) {
    gan_report report = {0};
    gan_error err;
    for (int64_t i = 0; i < n_critic; i++) {
        gan_rng rng =
            gan_rng_make((uint64_t)tr->config.seed, GAN__STREAM_PENALTY, (uint64_t)tr->d_steps);
        if (gan__step_d(tr, i + 1 == n_critic, &report, &err)) die("D", err.text);
        copy(&r[REAL], tr->real);
        copy(&r[NOISE_D], tr->noise);
        gan_rng_fill_uniform(&rng, next(&r[UNIFORM]), r[UNIFORM].slice, 0, 1);
    }
    if (gan__step_g(tr, &report, &err)) die("G", err.text);
    copy(&r[NOISE_G], tr->noise);
}

static void add_settings(gan_safetensors_writer *w, const gan_config *c) {
    for (int i = 0; gan_option_at(i); i++) {
        char text[GAN_TEXT];
        gan_config_get(c, gan_option_at(i)->name, text, sizeof text);
        gan_safetensors_writer_add_metadata(w, gan_option_at(i)->name, text);
    }
}

static void dump(const golden_case *c, const char *dir) {
    golden_run run;
    gan_error err;
    record r[RECORDS];
    char path[4096];
    if (golden_open(c, &run, &err)) die(c->name, err.text);
    int64_t n_critic = (int64_t)gan_schedule_at(&run.trainer->n_critic, 0);
    gan__store s = gan__store_begin();
    add_settings(s.writer, &run.config);
    gan__store_parameters(&s, "init.g", gan_generator_parameters(run.g));
    gan__store_parameters(&s, "init.d", gan_discriminator_parameters(run.d));
    snprintf(path, sizeof path, "%s/init_%s.safetensors", dir, c->name);
    if (gan__store_end(&s, path, &err)) die(path, err.text);

    make_records(&run, n_critic, r);
    for (int i = 0; i < GOLDEN_STEPS; i++) step(run.trainer, n_critic, r);
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    for (int i = 0; i < RECORDS; i++)
        gan_safetensors_writer_add(w, r[i].name, GAN_DTYPE_REAL, r[i].rank, r[i].dim, r[i].data);
    snprintf(path, sizeof path, "%s/inputs_%s.safetensors", dir, c->name);
    if (gan_safetensors_writer_write(w, path, &err)) die(path, err.text);
    gan_safetensors_writer_free(w);
    for (int i = 0; i < RECORDS; i++) free(r[i].data);
    golden_close(&run);
}

int main(int argc, char **argv) {
    if (argc != 2) die("usage", "dump DIR");
    for (size_t i = 0; i < GOLDEN_CASES; i++) dump(&golden_cases[i], argv[1]);
    return 0;
}
