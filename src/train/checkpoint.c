/* SPDX-License-Identifier: MIT
 *
 * All the state of a training run in one file: both networks, the optimizers' moments, the average,
 * and the counters. The counters are the state of everything random and of the data order. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "gan/checkpoint.h"
#include "tensor/internal.h"
#include "train/internal.h"
#include "train/options.h"
#include "train/store.h"

/* --- counters --- */

#define COUNTERS 6
#define ROLLBACKS 5

typedef struct counters {
    const char *name[COUNTERS];
    int64_t value[COUNTERS];
} counters;

static counters read_counters(gan_trainer *tr) {
    return (counters){
        {"trainer.g_steps", "trainer.d_steps", "trainer.batches", "optimizer_g.steps",
         "optimizer_d.steps", "trainer.rollbacks"},
        {tr->g_steps, tr->d_steps, (int64_t)gan_loader_position(tr->loader),
         *gan_optimizer_steps(tr->gs.optimizer), *gan_optimizer_steps(tr->ds.optimizer),
         tr->rollbacks},
    };
}

static void set_counters(gan_trainer *tr, const counters *c) {
    tr->g_steps = c->value[0];
    tr->d_steps = c->value[1];
    gan_loader_seek(tr->loader, (uint64_t)c->value[2]);
    *gan_optimizer_steps(tr->gs.optimizer) = c->value[3];
    *gan_optimizer_steps(tr->ds.optimizer) = c->value[4];
    tr->rollbacks = c->value[ROLLBACKS];
}

/* What was seen of held-out images is shown until they are looked at again, so it is state as well;
 * and so is the balance. */
enum {
    SCORE_HOLDOUT,
    AUC_HOLDOUT,
    AUGMENT,
    BALANCE = AUGMENT + GAN__AUGMENT_STATE,
    FIGURES = BALANCE + GAN_BALANCE_STATE
};

static const char figures_name[] = "trainer.figures";
static const int64_t figures_dim[1] = {FIGURES};

static void read_figures(const gan_trainer *tr, gan_real *x) {
    x[SCORE_HOLDOUT] = tr->score_holdout;
    x[AUC_HOLDOUT] = tr->auc_holdout;
    memcpy(x + AUGMENT, tr->augment.state, sizeof tr->augment.state);
    memcpy(x + BALANCE, tr->balance.state, sizeof tr->balance.state);
}

static void set_figures(gan_trainer *tr, const gan_real *x) {
    tr->score_holdout = x[SCORE_HOLDOUT];
    tr->auc_holdout = x[AUC_HOLDOUT];
    memcpy(tr->augment.state, x + AUGMENT, sizeof tr->augment.state);
    memcpy(tr->balance.state, x + BALANCE, sizeof tr->balance.state);
}

/* A strength that no run can have had. */
static gan_status check_strength(const gan_real *x, gan_error *err) {
    gan_real p = x[AUGMENT + GAN__AUGMENT_P];
    if (p >= 0 && p <= 1) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT,
                     "number %d of '%s', the strength of augmentation, is %g, not from 0 to 1: the "
                     "file is damaged",
                     AUGMENT + GAN__AUGMENT_P, figures_name, (double)p);
}

/* A balance that no run can have had would ask for any number of steps. */
static gan_status check_figures(const gan_trainer *tr, const gan_real *x, gan_error *err) {
    const gan_balance_options *o = &tr->balance.options;
    const struct {
        int which;
        double low, high;
    } rows[GAN_BALANCE_STATE] = {{GAN_BALANCE_LEVEL, o->min, o->max},
                                 {GAN_BALANCE_JUDGEMENT, 0, 1},
                                 {GAN_BALANCE_REST, 0, 1},
                                 {GAN_BALANCE_LEADS, 0, (double)o->patience}};
    for (int i = 0; i < GAN_BALANCE_STATE && gan__balanced(tr); i++) {
        gan_real value = x[BALANCE + rows[i].which];
        if (!(value >= (gan_real)rows[i].low && value <= (gan_real)rows[i].high))
            return gan__fail(err, GAN_EFORMAT,
                             "number %d of '%s', of the balance, is %g, not from %g to %g: the "
                             "file is damaged",
                             BALANCE + rows[i].which, figures_name, (double)value, rows[i].low,
                             rows[i].high);
    }
    return check_strength(x, err);
}

/* What the doctor remembers. A file that holds nothing for this one, as it was made without a doctor
 * or by another version, finds it with nothing seen: findings change no weights. */
#define DOCTOR "doctor.memory"
#define POOL "trainer.pool"

static void store_doctor(gan_trainer *tr, gan__store *s) {
    int count;
    if (!tr->doctor) return;
    const double *memory = gan_doctor_state(tr->doctor, &count);
    gan_safetensors_writer_add(s->writer, DOCTOR, GAN_DTYPE_F64, 1, (int64_t[]){count}, memory);
}

static void load_doctor(gan_trainer *tr, const gan_safetensors *f) {
    int count;
    if (!tr->doctor) return;
    const gan_safetensors_entry *e = gan_safetensors_find(f, DOCTOR);
    double *memory = gan_doctor_state(tr->doctor, &count);
    size_t bytes = (size_t)count * sizeof *memory;
    memset(memory, 0, bytes);
    if (e && e->dtype == GAN_DTYPE_F64 && e->bytes == bytes) memcpy(memory, e->data, bytes);
}

/* --- moments and averages: lists beside the parameters --- */

static const char *const moments[2] = {"m", "v"};

/* Calls visit for every tensor that is kept for a trained parameter of one side. */
typedef gan_status visitor(void *context, const char *prefix, const gan_parameter *p, gan_tensor *x,
                           gan_error *err);

static gan_status visit_side(gan__side *side, const gan_parameters *p, const char *name,
                             visitor *visit, void *context, gan_error *err) {
    char prefix[64];
    gan_status s = GAN_OK;
    for (int i = 0, k = 0; i < p->count && !s; i++) {
        if (!gan_parameter_trained(&p->item[i])) continue;
        for (int order = 0; order < 2 && !s; order++) {
            gan_tensor *x = gan_optimizer_moment(side->optimizer, k, order);
            snprintf(prefix, sizeof prefix, "%s.%s", name, moments[order]);
            if (x) s = visit(context, prefix, &p->item[i], x, err);
        }
        k++;
    }
    return s;
}

static gan_status visit_all(gan_trainer *tr, visitor *visit, void *context, gan_error *err) {
    const gan_parameters *g = gan_generator_parameters(tr->g);
    gan_status s = visit_side(&tr->gs, g, "optimizer_g", visit, context, err);
    if (!s)
        s = visit_side(&tr->ds, gan_discriminator_parameters(tr->d), "optimizer_d", visit, context,
                       err);
    for (int i = 0; tr->ema && i < g->count && !s; i++)
        if (gan_ema_value(tr->ema, i))
            s = visit(context, "ema", &g->item[i], gan_ema_value(tr->ema, i), err);
    return s;
}

static gan_status store(void *context, const char *prefix, const gan_parameter *p, gan_tensor *x,
                        gan_error *err) {
    (void)err;
    gan__store_parameter(context, prefix, p, x);
    return GAN_OK;
}

static gan_status verify(void *context, const char *prefix, const gan_parameter *p, gan_tensor *x,
                         gan_error *err) {
    (void)x;
    return gan__fetch_parameter(context, prefix, p, NULL, err);
}

static gan_status fetch(void *context, const char *prefix, const gan_parameter *p, gan_tensor *x,
                        gan_error *err) {
    return gan__fetch_parameter(context, prefix, p, x, err);
}

/* --- save --- */

/* Values that are not finite never take the place of a good checkpoint: an update can make them
 * from finite gradients, and the next loss would show them too late. */
static gan_status finite(void *context, const char *prefix, const gan_parameter *p, gan_tensor *x,
                         gan_error *err) {
    (void)context;
    for (int64_t i = 0; i < gan_tensor_size(x); i++)
        if (!isfinite(gan_tensor_data(x)[i]))
            return gan__fail(err, GAN_EDIVERGED,
                             "%s %s is not finite: nothing is saved; try a lower learning rate",
                             prefix, p->name);
    return GAN_OK;
}

static gan_status check_network(const char *name, const gan_parameters *p, gan_error *err) {
    gan_status s = GAN_OK;
    for (int i = 0; i < p->count && !s; i++)
        s = finite(NULL, name, &p->item[i], p->item[i].value, err);
    return s;
}

static gan_status check_finite(gan_trainer *tr, gan_error *err) {
    gan_status s = check_network("generator", gan_generator_parameters(tr->g), err);
    if (!s) s = check_network("discriminator", gan_discriminator_parameters(tr->d), err);
    return s ? s : visit_all(tr, finite, NULL, err);
}

/* Of the settings those that the state depends on: the same run has the same checkpoint, whatever
 * its number of threads. */
static void add_metadata(gan_trainer *tr, gan__store *s) {
    char text[32];
    char *config = gan__config_json(&tr->config, 1);
    snprintf(text, sizeof text, "%016" PRIx64, gan_dataset_fingerprint(tr->data));
    gan_safetensors_writer_add_metadata(s->writer, "libgan", gan_version());
    gan_safetensors_writer_add_metadata(s->writer, "kind", "checkpoint");
    gan_safetensors_writer_add_metadata(s->writer, "data", text);
    if (config)
        gan_safetensors_writer_add_metadata(s->writer, "config", config);
    else
        s->failed = 1;
    gan_config_free_text(config);
}

gan_status gan_trainer_save(gan_trainer *tr, const char *path, gan_error *err) {
    gan_status status = check_finite(tr, err);
    if (status) return status;
    gan__store s = gan__store_begin();
    counters c = read_counters(tr);
    gan_real figures[FIGURES];
    read_figures(tr, figures);
    add_metadata(tr, &s);
    for (int i = 0; i < COUNTERS; i++) gan__store_i64(&s, c.name[i], &c.value[i]);
    gan_safetensors_writer_add(s.writer, figures_name, GAN_DTYPE_REAL, 1, figures_dim, figures);
    store_doctor(tr, &s);
    if (tr->pool)
        gan_safetensors_writer_add(s.writer, POOL, GAN_DTYPE_REAL, 5, tr->pool->dim,
                                   tr->pool->data);
    gan__store_parameters(&s, "generator", gan_generator_parameters(tr->g));
    gan__store_parameters(&s, "discriminator", gan_discriminator_parameters(tr->d));
    visit_all(tr, store, &s, NULL);
    return gan__store_end(&s, path, err);
}

gan_status gan_trainer_save_networks(gan_trainer *tr, const char *generator_path,
                                     const char *discriminator_path, gan_error *err) {
    gan_status s = check_finite(tr, err);
    if (s) return s;
    if (tr->ema) gan_ema_swap(tr->ema);
    s = gan_generator_save(tr->g, generator_path, err);
    if (tr->ema) gan_ema_swap(tr->ema);
    return s ? s : gan_discriminator_save(tr->d, discriminator_path, err);
}

/* --- load --- */

/* The run that the file is of must be this one: same settings, same images. */
static gan_status check_run(gan_trainer *tr, const gan_safetensors *f, gan_error *err) {
    const char *kind = gan_safetensors_metadata(f, "kind"),
               *text = gan_safetensors_metadata(f, "config");
    const char *data = gan_safetensors_metadata(f, "data");
    char mine[32], was[GAN_TEXT], is[GAN_TEXT];
    gan_config saved;
    if (!kind || strcmp(kind, "checkpoint") || !text || !data)
        return gan__fail(err, GAN_EFORMAT, "it is not a checkpoint of a training run");
    gan_config_init(&saved);
    gan_status s = gan_config_from_json(&saved, text, err);
    if (s) return gan__prefix(err, s, "its settings");
    const char *name = gan_config_conflict(&saved, &tr->config);
    if (name) {
        gan_config_get(&saved, name, was, sizeof was);
        gan_config_get(&tr->config, name, is, sizeof is);
        return gan__fail(err, GAN_ESTATE,
                         "the run was made with --%s %.100s, not %.100s, which would make it "
                         "another run; leave it, or "
                         "start a new one with --init-from",
                         name, was, is);
    }
    snprintf(mine, sizeof mine, "%016" PRIx64, gan_dataset_fingerprint(tr->data));
    if (strcmp(mine, data))
        return gan__fail(err, GAN_ESTATE,
                         "the run was made with other images than those in %.200s (fingerprint "
                         "%.32s, not %s); bring them "
                         "back, or start a new one with --init-from",
                         tr->config.data, data, mine);
    return GAN_OK;
}

static gan_status load(gan_trainer *tr, const gan_safetensors *f, int check_only, gan_error *err) {
    void *context = (void *)(uintptr_t)f;
    gan_status s =
        gan__fetch_parameters(f, "generator", gan_generator_parameters(tr->g), check_only, err);
    if (!s)
        s = gan__fetch_parameters(f, "discriminator", gan_discriminator_parameters(tr->d),
                                  check_only, err);
    return s ? s : visit_all(tr, check_only ? verify : fetch, context, err);
}

static gan_status load_counters(gan_trainer *tr, const gan_safetensors *f, counters *c,
                                gan_real *figures, gan_error *err) {
    const gan_safetensors_entry *e = gan_safetensors_find(f, figures_name);
    *c = read_counters(tr);
    for (int i = 0; i < COUNTERS; i++) {
        /* Files of before there were rollbacks have none. */
        if (i == ROLLBACKS && !gan_safetensors_find(f, c->name[i])) {
            c->value[i] = 0;
            continue;
        }
        gan_status s = gan__fetch_count(f, c->name[i], &c->value[i], err);
        if (s) return s;
    }
    if (!e) return gan__fail(err, GAN_EFORMAT, "there is no '%s' in it", figures_name);
    gan_status s = gan_safetensors_read_real(e, figures, FIGURES, err);
    return s ? s : check_figures(tr, figures, err);
}

static gan_status load_pool(gan_trainer *tr, const gan_safetensors *f, gan_error *err) {
    const gan_safetensors_entry *e = gan_safetensors_find(f, POOL);
    if (!tr->pool) return GAN_OK;
    if (!e) return gan__fail(err, GAN_EFORMAT, "there is no '%s' in it", POOL);
    return gan_safetensors_read_real(e, gan_tensor_edit(tr->pool), (size_t)tr->pool->size, err);
}

static gan_status restore(gan_trainer *tr, const gan_safetensors *f, gan_error *err) {
    counters c;
    gan_real figures[FIGURES];
    gan_status s = check_run(tr, f, err);
    if (!s) s = load_counters(tr, f, &c, figures, err);
    if (!s) s = load(tr, f, 1, err);
    if (!s) s = load_pool(tr, f, err);
    if (!s) s = load(tr, f, 0, err);
    if (s) return s;
    set_counters(tr, &c);
    set_figures(tr, figures);
    load_doctor(tr, f);
    return GAN_OK;
}

gan_status gan_trainer_load(gan_trainer *tr, const char *path, gan_error *err) {
    gan_safetensors *f;
    gan_status s = gan_safetensors_open(path, &f, err);
    if (s) return s;
    s = restore(tr, f, err);
    if (s) gan__prefix(err, s, "%s", path);
    gan_safetensors_close(f);
    return s;
}
