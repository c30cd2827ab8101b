/* SPDX-License-Identifier: MIT
 *
 * One run. A look at samples and a checkpoint are taken together: the last row of the curve up to
 * the checkpoint's step holds the counters that the checkpoint lacks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/modes.h"

enum { PATH_ROOM = GAN_TEXT + 64, PROFILED = 4, FLOOR_SAMPLES = 10000 };

typedef struct run {
    const modes_setup *m;
    gan_config config;
    void *world;
    gan_dataset *data;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
    gan_profile *profile;
    int64_t profiled_g, profiled_d; /* updates charged to it */
    int64_t looked;                 /* step of the last look; -1: none yet */
    gan_real *samples;
    modes_outcome *out;
} run;

static void free_run(run *r) {
    gan_trainer_free(r->tr);
    gan_generator_free(r->g);
    gan_discriminator_free(r->d);
    gan_dataset_free(r->data);
    gan_profile_free(r->profile);
    if (r->world) r->m->problem->close(r->world);
    free(r->samples);
}

/* --- what is trained --- */

static gan_network_config sized(gan_network_config c, const modes_problem *p) {
    c.height = p->height, c.width = p->width, c.channels = p->channels;
    return c;
}

static gan_status make_networks(run *r, gan_error *err) {
    const modes_networks *n = r->m->networks;
    gan_network_config gc = sized(gan_config_generator(&r->config), r->m->problem),
                       dc = sized(gan_config_discriminator(&r->config), r->m->problem);
    gan_status s = gan_generator_wrap(n->generator(&gc), &gc, &r->g, err);
    return s ? s : gan_discriminator_wrap(n->discriminator(&dc, r->m->ratio), &dc, &r->d, err);
}

/* The data that runs share, and room for samples. */
static gan_status open_world(run *r, uint64_t *fingerprint, gan_error *err) {
    const modes_problem *p = r->m->problem;
    size_t values = (size_t)(p->samples * p->height * p->width * p->channels);
    r->samples = malloc(values * sizeof *r->samples);
    return r->samples ? p->open(r->m, &r->world, fingerprint, err) : bench_no_memory(err);
}

static gan_status make_data(run *r, gan_error *err) {
    const modes_problem *p = r->m->problem;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    uint64_t fingerprint = 0;
    o.holdout = r->config.holdout, o.seed = (uint64_t)r->config.seed;
    gan_status s = open_world(r, &fingerprint, err);
    return s ? s
             : gan_dataset_from_function(p->fill, r->world, fingerprint, (size_t)p->points,
                                         (int)p->height, (int)p->width, (int)p->channels, &o,
                                         &r->data, err);
}

static gan_status make(run *r, gan_error *err) {
    r->config.seed = r->out->seed;
    r->config.steps = r->m->steps;
    r->config.sample_count = r->m->problem->samples;
    gan_status s = make_data(r, err);
    if (!s) s = make_networks(r, err);
    return s ? s : gan_trainer_create(&r->config, r->g, r->d, r->data, &r->tr, err);
}

/* --- what an update costs --- */

/* Images are made for each update of D, and once more for G's where that has noise of its own: always
 * (the objective's way), or where D rests. */
static void split(const run *r, double generate, double of_d, double of_g) {
    const gan_objective *o = gan_objective_find(r->config.loss, NULL);
    int always = o && o->fresh_noise;
    double d = (double)r->profiled_d, g = (double)r->profiled_g;
    double one = generate / (d + (always ? g : (double)r->out->rests));
    r->out->mac_d = of_d / d + one;
    r->out->mac_g = of_g / g + (always ? one : 0);
    r->out->mac_rest = always ? 0 : one;
}

/* Of a run that goes on the costs are known. */
static gan_status begin_profile(run *r, gan_error *err) {
    if (r->out->mac_g > 0) return GAN_OK;
    r->profile = gan_profile_create();
    if (!r->profile) return bench_no_memory(err);
    gan_trainer_profile(r->tr, r->profile);
    return GAN_OK;
}

static void end_profile(run *r) {
    double of_d = 0, of_g = 0, generate = 0;
    for (int i = 0; i < gan_profile_count(r->profile); i++) {
        const gan_profile_row *row = gan_profile_at(r->profile, i);
        if (!strcmp(row->part, "G forward"))
            generate += row->flops / 2;
        else if (!strcmp(row->part, "G step") || !strcmp(row->part, "update G"))
            of_g += row->flops / 2;
        else
            of_d += row->flops / 2;
    }
    split(r, generate, of_d, of_g);
    gan_trainer_profile(r->tr, NULL);
    gan_profile_free(r->profile);
    r->profile = NULL;
}

/* With whole rounds of a penalty that is not in every update; --n-critic auto may never come to
 * the end of one, and then many are enough. */
static int is_profiled(const run *r) {
    enum { ROUNDS = 16 };
    int64_t round = r->config.penalty_every;
    return r->profiled_g >= PROFILED && r->profiled_d > 0 &&
           (r->profiled_d % round == 0 || r->profiled_d >= ROUNDS * round);
}

/* --- the steps --- */

/* From the checkpoint, where there is one. */
static gan_status start(run *r, gan_error *err) {
    char path[PATH_ROOM];
    modes_path(r->m, "checkpoint", r->out->seed, "safetensors", path, sizeof path);
    gan_status s = make(r, err);
    if (s) return s;
    if (access(path, R_OK))
        s = gan_trainer_initialise(r->tr, err);
    else
        s = gan_trainer_load(r->tr, path, err);
    r->out->steps = gan_trainer_steps(r->tr);
    r->looked = r->out->steps ? r->out->steps : -1;
    if (!s) s = modes_curve_take(r->m, r->out, err);
    return s ? s : begin_profile(r, err);
}

static gan_status look(run *r, gan_error *err) {
    const modes_problem *p = r->m->problem;
    if (r->profile && r->profiled_d) end_profile(r); /* its figures are in every row */
    gan_status s = gan_trainer_sample(r->tr, r->samples, err);
    if (!s) s = p->measure(r->world, r->samples, (size_t)p->samples, &r->out->figures, err);
    r->looked = r->out->steps;
    return s ? s : modes_curve_add(r->m, r->out, err);
}

static gan_status save(run *r, gan_error *err) {
    char path[PATH_ROOM];
    modes_path(r->m, "checkpoint", r->out->seed, "safetensors", path, sizeof path);
    return gan_trainer_save(r->tr, path, err);
}

static int is_done(const run *r) {
    const modes_setup *m = r->m;
    if (m->steps && r->out->steps >= m->steps) return 1;
    return m->budget > 0 && !r->profile && modes_cost(r->out) >= m->budget;
}

/* What the doctor says of the step, each kind once: told in full, and kept by name. */
static gan_status examine(run *r, const gan_report *report, gan_error *err) {
    gan_finding found[GAN_FINDING_KINDS];
    int n = 0;
    gan_status s = gan_trainer_examine(r->tr, report, found, &n, err);
    for (int i = 0; i < n && !s; i++) {
        const gan_finding *f = &found[i];
        char *to = r->out->findings;
        size_t used = strlen(to), room = sizeof r->out->findings - used;
        const char *name = gan_finding_name(f->kind);
        if (strstr(to, name)) continue;
        snprintf(to + used, room, "%s%s@%lld", used ? " " : "", name, (long long)f->step);
        fprintf(stderr, "gan: seed %lld, step %lld: %s\n", (long long)r->out->seed,
                (long long)f->step, f->text);
    }
    return s;
}

static gan_status step(run *r, gan_error *err) {
    gan_report report = {0};
    double before = bench_seconds();
    gan_status s = gan_trainer_step(r->tr, &report, err);
    r->out->seconds += bench_seconds() - before;
    if (s) return s;
    r->out->steps++;
    r->out->d_updates += report.n_critic;
    r->out->rests += !report.n_critic;
    r->out->auc = report.auc, r->out->balance = report.balance;
    s = examine(r, &report, err);
    if (s || !r->profile) return s;
    r->profiled_g++;
    r->profiled_d += report.n_critic;
    if (is_profiled(r)) end_profile(r);
    return GAN_OK;
}

/* Of looks at equal distance in cost, those that are due by now. */
static double looks_due(const run *r) {
    return r->m->look_cost > 0 && !r->profile ? floor(modes_cost(r->out) / r->m->look_cost) : 0;
}

static gan_status train(run *r, gan_error *err) {
    int64_t every = r->m->eval_every;
    double due = looks_due(r);
    gan_status s = GAN_OK;
    while (!s && !is_done(r)) {
        double before = due;
        s = step(r, err);
        due = looks_due(r);
        if (s || !((every && r->out->steps % every == 0) || due > before)) continue;
        s = look(r, err);
        if (!s) s = save(r, err);
    }
    return s;
}

/* The generator of a run that has diverged is as it was before the step that failed. */
static gan_status settle(run *r, gan_status s, gan_error *err) {
    if (s != GAN_EDIVERGED) return s;
    snprintf(r->out->diverged, sizeof r->out->diverged, "%s", err->text);
    r->looked = -1;
    return GAN_OK;
}

/* --- the end --- */

static gan_status save_generator(run *r, gan_error *err) {
    char g[PATH_ROOM], d[PATH_ROOM];
    modes_path(r->m, "generator", r->out->seed, "safetensors", g, sizeof g);
    modes_path(r->m, "discriminator", r->out->seed, "safetensors", d, sizeof d);
    return *r->out->diverged ? GAN_OK : gan_trainer_save_networks(r->tr, g, d, err);
}

static gan_status draw(run *r, gan_error *err) {
    const modes_problem *p = r->m->problem;
    char path[PATH_ROOM];
    modes_path(r->m, "samples", r->out->seed, "png", path, sizeof path);
    return p->draw(r->world, r->samples, (size_t)p->samples, path, err);
}

static gan_status finish(run *r, gan_error *err) {
    gan_status s = GAN_OK;
    if (r->looked != r->out->steps) {
        s = look(r, err);
        if (!s && !*r->out->diverged) s = save(r, err);
    } else
        s = gan_trainer_sample(r->tr, r->samples, err); /* for the picture */
    if (!s) s = draw(r, err);
    if (!s) s = save_generator(r, err);
    return s ? s : modes_result_write(r->m, r->out, err);
}

gan_status modes_train(const modes_setup *m, int64_t seed, modes_outcome *out, gan_error *err) {
    run r = {.m = m, .config = m->config, .out = out};
    int found;
    gan_status s = modes_result_read(m, seed, out, &found, err);
    if (s || found) return s;
    *out = (modes_outcome){.seed = seed};
    s = start(&r, err);
    if (!s) s = settle(&r, train(&r, err), err);
    if (!s) s = finish(&r, err);
    free_run(&r);
    return s;
}

gan_status modes_count_cost(const modes_setup *m, modes_outcome *out, gan_error *err) {
    modes_outcome first = {.seed = 1};
    run r = {.m = m, .config = m->config, .out = &first};
    gan_status s = make(&r, err);
    if (!s) s = gan_trainer_initialise(r.tr, err);
    if (!s) s = begin_profile(&r, err);
    while (!s && r.profile) s = step(&r, err);
    out->mac_d = first.mac_d, out->mac_g = first.mac_g, out->mac_rest = first.mac_rest;
    free_run(&r);
    return s;
}

/* --- where a step's time goes --- */

/* Of all threads: what a machine that others use too has spent on us. */
static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

gan_status modes_profile(const modes_setup *m, gan_error *err) {
    enum { WARM = 10, STEPS = 30 };
    modes_outcome out = {.seed = 1};
    run r = {.m = m, .config = m->config, .out = &out};
    gan_profile *p = gan_profile_create();
    gan_status s = p ? make(&r, err) : bench_no_memory(err);
    if (!s) s = gan_trainer_initialise(r.tr, err);
    for (int i = 0; i < WARM && !s; i++) s = gan_trainer_step(r.tr, NULL, err);
    double before = bench_seconds(), processor = processor_seconds();
    for (int i = 0; i < STEPS && !s; i++) s = gan_trainer_step(r.tr, NULL, err);
    double bare = (bench_seconds() - before) / STEPS;
    processor = (processor_seconds() - processor) / STEPS;
    if (!s) gan_trainer_profile(r.tr, p);
    before = bench_seconds();
    for (int i = 0; i < STEPS && !s; i++) s = gan_trainer_step(r.tr, NULL, err);
    if (!s) {
        printf("%.2f ms a step, %.2f ms of processors\n", 1e3 * bare, 1e3 * processor);
        bench_print_profile(p, STEPS, (bench_seconds() - before) / STEPS);
    }
    free_run(&r);
    gan_profile_free(p);
    return s;
}

/* --- the floor --- */

gan_status modes_floor(const modes_setup *m, modes_figures *out, gan_error *err) {
    const modes_problem *p = m->problem;
    run r = {.m = m};
    uint64_t fingerprint, n = (uint64_t)p->samples, draws = 1 + FLOOR_SAMPLES / n;
    size_t size = (size_t)(p->height * p->width * p->channels);
    modes_figures draw;
    *out = (modes_figures){{0}};
    gan_status s = open_world(&r, &fingerprint, err);
    for (uint64_t k = 0; k < draws && !s; k++) {
        for (uint64_t i = 0; i < n && !s; i++)
            s = p->fill(r.world, MODES_FRESH + k * n + i, r.samples + i * size, err);
        if (!s) s = p->measure(r.world, r.samples, (size_t)n, &draw, err);
        for (int i = 0; p->metrics[i].name && !s; i++)
            out->value[i] += draw.value[i] / (double)draws;
    }
    free_run(&r);
    return s;
}
