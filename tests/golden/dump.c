/* SPDX-License-Identifier: MIT
 *
 * dump.c - writes, for each case, what PyTorch needs to do the same training: the settings, the
 * initial weights, and for every step the images, labels, generator's inputs, penalties' uniform numbers
 * and noise on images that the trainer used. Part of make.sh. usage: dump DIR */
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

/* E: the uniform numbers of each penalty, one an image or pack; U: of dragan, one an element. BLUR:
 * normal numbers on real, then on generated images, in D's updates and in G's. */
enum { REAL, LABELS, INPUT_D, E, U, BLUR_D, REAL_G, INPUT_G, BLUR_G, LAST, RECORDS };

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

/* Networks that take none leave zeros. */
static void copy_labels(const gan_trainer *tr, record *r) {
    gan_real *to = next(r);
    for (size_t i = 0; i < r->slice && tr->labels; i++) to[i] = (gan_real)tr->labels[i];
}

/* `count` times what a batch of the generator's is made of. */
static record make_input(const char *name, const golden_run *run, int64_t count) {
    const gan_tensor *input = run->trainer->input;
    int64_t dim[5] = {count};
    for (int i = 0; i < gan_tensor_rank(input); i++) dim[i + 1] = gan_tensor_dim(input, i);
    return make(name, gan_tensor_rank(input) + 1, dim);
}

/* Of what images are drawn at the end. */
static record make_last(const golden_run *run) {
    const gan_network_config *c = gan_generator_config(run->g);
    gan_rng rng = gan_rng_make(5, 98, 0);
    if (c->source_channels) {
        record r =
            make("z", 4,
                 (int64_t[]){GOLDEN_IMAGES, c->source_height, c->source_width, c->source_channels});
        gan_rng_fill_uniform(&rng, r.data, GOLDEN_IMAGES * r.slice, -1, 1);
        return r;
    }
    record r = make("z", 2, (int64_t[]){GOLDEN_IMAGES, c->nz});
    gan_sample_noise(run->g, 1, 0, GOLDEN_IMAGES, r.data);
    return r;
}

static void make_records(const golden_run *run, int64_t n_critic, record *r) {
    const gan_config *c = &run->config;
    int64_t updates = GOLDEN_STEPS * n_critic, b = c->batch, h = c->height, w = c->width,
            k = c->channels;
    r[REAL] = make("real", 5, (int64_t[]){updates, b, h, w, k});
    r[LABELS] = make("labels", 2, (int64_t[]){updates, b});
    r[INPUT_D] = make_input("input_d", run, updates);
    r[E] = make("e", 3, (int64_t[]){updates, GAN_PENALTIES, b});
    r[U] = make("u", 5, (int64_t[]){updates, b, h, w, k});
    r[BLUR_D] = make("blur_d", 5, (int64_t[]){updates, 2 * b, h, w, k});
    r[REAL_G] = make("real_g", 5, (int64_t[]){GOLDEN_STEPS, b, h, w, k});
    r[INPUT_G] = make_input("input_g", run, GOLDEN_STEPS);
    r[BLUR_G] = make("blur_g", 5, (int64_t[]){GOLDEN_STEPS, 2 * b, h, w, k});
    r[LAST] = make_last(run);
}

static gan_rng stream(const gan_trainer *tr, uint32_t stream, int64_t number) {
    return gan_rng_make((uint64_t)tr->config.seed, stream, (uint64_t)number);
}

/* These numbers are drawn inside the penalties: here they are drawn again, in the list's order. */
static void copy_points(gan_trainer *tr, record *e, record *u) {
    gan_rng rng = stream(tr, GAN__STREAM_PENALTY, tr->d_steps);
    gan_real *to_e = next(e), *to_u = next(u);
    size_t batch = (size_t)tr->config.batch, packs = batch / (size_t)tr->config.pack;
    for (int i = 0; i < tr->penalties.count; i++) {
        const char *name = tr->penalties.item[i].penalty->name;
        int around = !strncmp(name, "dragan", 6), between = !strncmp(name, "gp", 2);
        if (around || between) gan_rng_fill_uniform(&rng, to_e + (size_t)i * batch, packs, 0, 1);
        if (around) gan_rng_fill_uniform(&rng, to_u, u->slice, 0, 1);
    }
}

/* Normal numbers of deviation 1, which the schedule is not part of. */
static void copy_blur(gan_rng rng, int with_real, record *r) {
    gan_real *to = next(r);
    size_t half = r->slice / 2;
    if (with_real) gan_rng_fill_normal(&rng, to, half, 0, 1);
    gan_rng_fill_normal(&rng, to + half, half, 0, 1);
}

/* D may rest. */
static void step(gan_trainer *tr, record *r) {
    gan_report report = {.n_critic = golden_begin(tr)};
    gan_error err;
    for (int64_t i = 0; i < report.n_critic; i++) {
        copy_points(tr, &r[E], &r[U]);
        copy_blur(stream(tr, GAN__STREAM_BLUR, 2 * tr->d_steps), 1, &r[BLUR_D]);
        if (gan__step_d(tr, i + 1 == report.n_critic, &report, &err)) die("D", err.text);
        copy(&r[REAL], tr->real);
        copy_labels(tr, &r[LABELS]);
        copy(&r[INPUT_D], tr->input);
    }
    copy_blur(stream(tr, GAN__STREAM_BLUR, 2 * tr->g_steps + 1), tr->objective->needs_real,
              &r[BLUR_G]);
    if (gan__step_g(tr, &report, &err)) die("G", err.text);
    copy(&r[REAL_G], tr->real);
    copy(&r[INPUT_G], tr->input);
}

/* All settings; those that the case makes itself, "case.NAME"; and how large folded tensors are. */
static void add_settings(gan_safetensors_writer *w, const golden_case *c,
                         const gan_config *config) {
    char text[GAN_TEXT], name[64];
    for (int i = 0; gan_option_at(i); i++) {
        gan_config_get(config, gan_option_at(i)->name, text, sizeof text);
        gan_safetensors_writer_add_metadata(w, gan_option_at(i)->name, text);
    }
    snprintf(text, sizeof text, "%d", c->how & GOLDEN_FOLDED ? GOLDEN_SUMS : 0);
    gan_safetensors_writer_add_metadata(w, "case.sums", text);
    for (int i = 0; c->set[i]; i += 2) {
        snprintf(name, sizeof name, "case.%s", c->set[i]);
        gan_safetensors_writer_add_metadata(w, name, c->set[i + 1]);
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
    add_settings(s.writer, c, &run.config);
    gan__store_parameters(&s, "init.g", gan_generator_parameters(run.g));
    gan__store_parameters(&s, "init.d", gan_discriminator_parameters(run.d));
    snprintf(path, sizeof path, "%s/init_%s.safetensors", dir, c->name);
    if (gan__store_end(&s, path, &err)) die(path, err.text);

    make_records(&run, n_critic, r);
    for (int i = 0; i < GOLDEN_STEPS; i++) step(run.trainer, r);
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
