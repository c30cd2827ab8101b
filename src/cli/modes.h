/* SPDX-License-Identifier: MIT
 *
 * cli/modes.h - problems whose modes can be counted: does a generator make all that there is?
 *
 * A problem is a row: its data, the networks that papers train on it, and what is measured on
 * samples. A new one is a file and a row in modes_problems.c. A run trains one problem under one
 * setup from one seed; it keeps its state in the setup's folder and goes on where it was:
 *
 *     checkpoint-SEED.safetensors   all state
 *     generator-SEED.safetensors    the generator, averaged if there is an average
 *     curve-SEED.jsonl              the figures every `eval_every` steps
 *     samples-SEED.png              samples over the modes, at the end
 *     result-SEED.json              the outcome; a seed that has one is not trained again
 *
 * In a problem of modes m = 1..M, each sample that is good enough belongs to one. With p(m) the
 * part of these samples that is in m,
 *
 *     modes = #{m: p(m) > 0},    KL = sum_m p(m) log(M p(m)),
 *
 * the divergence KL(p || uniform) in nats, which the papers call the reverse one. */
#ifndef GAN_CLI_MODES_H
#define GAN_CLI_MODES_H

#include "cli/bench.h"

enum { MODES_METRICS = 4 }; /* at most */

typedef struct modes_figures {
    double value[MODES_METRICS]; /* in the order of the problem's metrics */
} modes_figures;

/* Mean and standard error of the mean (0 for one value). */
typedef struct modes_summary {
    double mean, error;
} modes_summary;

typedef struct modes_metric {
    const char *name, *title, *format; /* in files, in tables, of a value there */
} modes_metric;

typedef struct modes_problem modes_problem;
typedef struct modes_networks modes_networks;

/* --- what a run is told --- */

typedef struct modes_setup {
    const modes_problem *problem;
    const modes_networks *networks;
    gan_config config;  /* resolved; the seed is set for each run */
    double ratio;       /* width of D to that of G, where the networks have a choice */
    int64_t steps;      /* updates of G; 0: no limit but the budget */
    double budget;      /* multiply-adds of training, by the profile; 0: no limit */
    int64_t eval_every; /* steps between two looks at samples, each with a checkpoint; 0: none */
    double look_cost;   /* multiply-adds between two of them, besides; 0: none */
    const char *data;   /* folder with MNIST; "": none given */
    const char *dir;    /* of the run's files; must exist */
    const char *cache;  /* of what runs share: the digit classifier; must exist */
    const char *label;  /* in messages, before the seed; NULL: none */
} modes_setup;

typedef struct modes_outcome {
    int64_t seed, steps, d_updates, rests; /* rests: steps without an update of D */
    double seconds;                        /* of training alone */
    double mac_d, mac_g; /* multiply-adds of one update; D's with the images for it */
    double mac_rest;     /* of G's own images in a rest, where it takes those of D otherwise */
    double auc, balance; /* gan_report's, of the last step */
    modes_figures figures;
    char findings[256]; /* of the doctor: "collapsed-generator@700 ..."; "": none */
    char diverged[512]; /* why training ended early; "": it did not */
} modes_outcome;

/* The multiply-adds of the run. */
double modes_cost(const modes_outcome *o);

/* --- the rows --- */

struct modes_networks {
    const char *name; /* "pacgan"; NULL ends a list */
    const char *title;
    const char *const *defaults; /* settings of the paper: name, value, ..., NULL */
    gan_module *(*generator)(const gan_network_config *c);
    gan_module *(*discriminator)(const gan_network_config *c, double ratio);
};

/* `world` is what the problem's functions share. Sample i of the truth is fill(world, i): training
 * takes those below `points`, others are fresh. */
struct modes_problem {
    const char *name, *title;
    const modes_networks *networks; /* the first is taken unless another is named */
    int64_t height, width, channels;
    int64_t points;  /* in the training set */
    int64_t samples; /* that are judged */
    int64_t steps, quick_steps;
    int modes;
    int reads_data;              /* made from files in the folder `data` */
    const modes_metric *metrics; /* ended by a name NULL */
    gan_status (*open)(const modes_setup *m, void **world, uint64_t *fingerprint, gan_error *err);
    void (*close)(void *world);
    gan_picture_function *fill;
    gan_status (*measure)(void *world, const gan_real *x, size_t n, modes_figures *out,
                          gan_error *err);
    gan_status (*draw)(void *world, const gan_real *x, size_t n, const char *path, gan_error *err);
};

/* What problems of points in the plane have in common. */
#define MODES_PLANE                                                                                \
    .height = 1, .width = 1, .channels = 2, .points = 100000, .samples = 2500, .steps = 20000

/* Samples from this index on are never in a training set. */
#define MODES_FRESH ((uint64_t)1 << 40)

/* Ended by NULL. */
extern const modes_problem *const modes_problems[];
extern const modes_problem modes_ring, modes_grid, modes_roll, modes_stacked;

/* By name; NULL with a message that lists the known ones. */
const modes_problem *modes_problem_find(const char *name, gan_error *err);
const modes_networks *modes_networks_find(const modes_problem *p, const char *name,
                                          gan_error *err); /* name NULL: the first */

/* --- runs --- */

/* Trains from a seed, or goes on, or finds that it is done. GAN_EEXIST: the folder holds that seed
 * under other settings. A training that diverges is an outcome, not an error. */
gan_status modes_train(const modes_setup *m, int64_t seed, modes_outcome *out, gan_error *err);

/* What perfect samplers would get: the mean over a few draws of the truth. Also makes what runs
 * share, so it comes first. */
gan_status modes_floor(const modes_setup *m, modes_figures *out, gan_error *err);

/* Counts what updates of the setup cost, over its first steps. */
gan_status modes_count_cost(const modes_setup *m, modes_outcome *out, gan_error *err);

/* Prints where the time of a step goes, at the beginning of a run. */
gan_status modes_profile(const modes_setup *m, gan_error *err);

typedef struct modes_job {
    const modes_setup *setup;
    int64_t seed; /* MODES_FLOOR: an outcome with figures alone; MODES_COST: with costs alone */
    modes_outcome outcome;
} modes_job;

#define MODES_FLOOR (-1)
#define MODES_COST (-2)

/* Runs jobs as processes of their own, so many at once; no thread may have been started before.
 * Tells each that is finished on stderr. When one fails the others are ended: 0, or an exit code,
 * its message printed. */
int modes_run(modes_job *jobs, int n, int at_once);

/* --- files --- */

gan_status modes_result_write(const modes_setup *m, const modes_outcome *o, gan_error *err);

/* *found 0: there is none, or one of fewer steps than are wanted. GAN_EEXIST: of other settings. */
gan_status modes_result_read(const modes_setup *m, int64_t seed, modes_outcome *o, int *found,
                             gan_error *err);

/* Appends the figures of now to the curve; and takes the counters of its row `o->steps` back,
 * dropping what comes after it. */
gan_status modes_curve_add(const modes_setup *m, const modes_outcome *o, gan_error *err);
gan_status modes_curve_take(const modes_setup *m, modes_outcome *o, gan_error *err);

/* Its rows from the first on, at most `room`; how many. */
int modes_curve_read(const modes_setup *m, int64_t seed, modes_outcome *rows, int room);

/* dir/kind-SEED.suffix into path[size]. */
void modes_path(const modes_setup *m, const char *kind, int64_t seed, const char *suffix,
                char *path, size_t size);

json_t *modes_figures_json(const modes_problem *p, const modes_figures *f);

/* Adds means and errors of the metrics as two objects under these keys. */
void modes_add_summaries(json_t *to, const modes_problem *p, const modes_summary *s,
                         const char *means, const char *errors);

/* Appends it, a line, to the file. */
gan_status modes_append(const char *path, const json_t *row, gan_error *err);

/* --- published figures --- */

typedef struct modes_published {
    const char *problem, *networks;
    double ratio; /* 0: there is one alone */
    const char *method, *source;
    const char *value[MODES_METRICS]; /* as printed there; NULL: not told */
} modes_published;

/* The i-th row for a setup; NULL past the last. */
const modes_published *modes_published_at(const modes_setup *m, int i);

/* --- measures --- */

/* Of count[modes] good samples in each mode: how many modes have any; the divergence above, which
 * is log(modes) when there is none at all, as when all are in one. */
int modes_covered(const int64_t *count, int modes);
double modes_divergence(const int64_t *count, int modes);

modes_summary modes_summarise(const double *x, int n);

/* --- tables: modes_print.c --- */

/* What is trained: the problem, the published networks, norms that were given. */
void modes_print_heading(const modes_setup *m);

/* A cell a metric: its title, with the line's end; mean and error; a figure; a published one. */
void modes_print_titles(const modes_problem *p);
void modes_print_summaries(const modes_problem *p, const modes_summary *s);
void modes_print_figures(const modes_problem *p, const modes_figures *f);
void modes_print_published(const modes_problem *p, const modes_published *row);

/* --- networks for points: modes_mlp.c --- */

extern const modes_networks modes_point_networks[]; /* pacgan, wgan-gp */
extern const modes_networks modes_roll_networks[];  /* wgan-gp */

/* What the settings of a network add to one of these: inputs of a discriminator's first layer,
 * spectral norm around a layer, a norm after it, the layer that compares a batch. */
int64_t modes_inputs(const gan_network_config *c);
gan_module *modes_constrained(const gan_network_config *c, gan_module *layer);
gan_norm_kind modes_norm(const gan_network_config *c, gan_norm_kind own); /* auto: its own */
void modes_add_norm(gan_module *net, gan_norm_kind kind, int64_t channels);
int64_t modes_add_stddev(gan_module *net, const gan_network_config *c); /* channels added */

/* --- pictures of points: modes_draw.c --- */

typedef struct modes_canvas modes_canvas;

/* A square of the plane, [-half,half]^2. NULL: out of memory. */
modes_canvas *modes_canvas_create(double half);
void modes_canvas_disc(modes_canvas *c, double x, double y, double radius);
void modes_canvas_points(modes_canvas *c, const gan_real *xy, size_t n);

/* Writes and frees it. */
gan_status modes_canvas_write(modes_canvas *c, const char *path, gan_error *err);

#endif
