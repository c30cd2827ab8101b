/* SPDX-License-Identifier: MIT */
#include "gan/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "train/doctor.h"
#include "train/internal.h"
#include "train/log.h"

typedef struct paths {
    char *config, *log, *samples, *checkpoint, *rollback, *generator, *discriminator;
} paths;

static void free_paths(paths *p) {
    gan__free(p->config);
    gan__free(p->log);
    gan__free(p->samples);
    gan__free(p->checkpoint);
    gan__free(p->rollback);
    gan__free(p->generator);
    gan__free(p->discriminator);
}

static int make_paths(const char *dir, paths *p) {
    *p = (paths){gan__path_join(dir, "config.json"),
                 gan__path_join(dir, "log.jsonl"),
                 gan__path_join(dir, "samples"),
                 gan__path_join(dir, "checkpoint.safetensors"),
                 gan__path_join(dir, "rollback.safetensors"),
                 gan__path_join(dir, "generator.safetensors"),
                 gan__path_join(dir, "discriminator.safetensors")};
    return p->config && p->log && p->samples && p->checkpoint && p->rollback && p->generator &&
           p->discriminator;
}

/* A start that was cut short before its first checkpoint has left nothing worth keeping; a log with
 * lines, or a model of any kind, is worth something even without its checkpoint. */
int gan_run_exists(const char *dir) {
    static const char *const names[] = {"checkpoint.safetensors", "generator.safetensors",
                                        "log.jsonl"};
    int found = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) {
        struct stat st;
        char path[4096]; /* a longer one cannot be opened: it is not there */
        int length = snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        found = length < (int)sizeof path && !stat(path, &st) && st.st_size > 0;
    }
    return found;
}

/* --- one run --- */

typedef struct run {
    gan_trainer *tr;
    paths path;
    const gan_callbacks *call;
    gan__log log;
    int64_t saved, sampled; /* steps of the last checkpoint and grid; -1: none */
    int64_t making;         /* the step that is being made, or has been made last */
    int stop;
} run;

static const gan_callbacks none;

static gan_status write_config(run *r, gan_error *err) {
    gan__writer w;
    char *text = gan_config_to_json(gan_trainer_config(r->tr));
    if (!text) return gan__fail_memory(err);
    gan_status s = gan__writer_open(&w, r->path.config, err);
    if (!s) {
        gan__writer_put(&w, text, strlen(text));
        gan__writer_put(&w, "\n", 1);
        s = gan__writer_commit(&w, err);
    }
    gan_config_free_text(text);
    return s;
}

static gan_status sample(run *r, gan_error *err) {
    char name[32];
    int64_t step = gan_trainer_steps(r->tr);
    snprintf(name, sizeof name, "%06lld.png", (long long)step);
    char *path = gan__path_join(r->path.samples, name);
    if (!path) return gan__fail_memory(err);
    gan_status s = gan_trainer_write_samples(r->tr, path, err);
    r->sampled = step;
    if (!s && r->call->on_sample) r->stop |= r->call->on_sample(r->call->user, r->tr, path);
    gan__free(path);
    return s;
}

/* Does a rollback go to this step? Not to one where the run was only stopped: it would be another
 * run than one that was not. */
static int is_milestone(const run *r) {
    int64_t every = gan_trainer_config(r->tr)->checkpoint_every, step = gan_trainer_steps(r->tr);
    return step == 0 || (every && step % every == 0);
}

/* The state to go back to. A run that was killed before this was written writes it when it is
 * resumed, and so does one that is to have rollbacks from there on. */
static gan_status keep(run *r, int always, gan_error *err) {
    if (!gan_trainer_config(r->tr)->rollback || (!always && !is_milestone(r))) return GAN_OK;
    return gan_trainer_save(r->tr, r->path.rollback, err);
}

/* The log is on the disk before the checkpoint that counts on it; the networks follow, so that a
 * generator never stands alone. */
static gan_status save(run *r, gan_error *err) {
    gan_status s = gan__log_sync(&r->log, err);
    if (!s) s = gan_trainer_save(r->tr, r->path.checkpoint, err);
    if (!s) s = keep(r, 0, err);
    if (!s) s = gan_trainer_save_networks(r->tr, r->path.generator, r->path.discriminator, err);
    if (s) return s;
    r->saved = gan_trainer_steps(r->tr);
    if (r->call->on_save) r->stop |= r->call->on_save(r->call->user, r->tr, r->path.checkpoint);
    return GAN_OK;
}

/* Every checkpoint is a state from which the log and the samples go on without a gap or a
 * repetition. */
static gan_status begin(run *r, int resume, gan_error *err) {
    gan_status s = resume ? gan_trainer_load(r->tr, r->path.checkpoint, err)
                          : gan_trainer_initialise(r->tr, err);
    if (!s) s = gan__dir_make(r->path.samples, err);
    if (!s) s = write_config(r, err);
    if (!s)
        s = gan__log_open(&r->log, r->path.log, gan_trainer_steps(r->tr), r->tr->rollbacks, err);
    if (!s && !resume) s = save(r, err);
    if (!resume || s) return s;
    r->saved = r->making = gan_trainer_steps(r->tr);
    if (!gan_trainer_config(r->tr)->rollback) remove(r->path.rollback);
    return keep(r, access(r->path.rollback, F_OK) != 0, err);
}

/* --- findings --- */

static gan_status tell(run *r, const gan_finding *f, int64_t rollback, gan_error *err) {
    char line[GAN__LOG_LINE];
    gan_status s = gan__log_finding(&r->log, f, rollback, line, err);
    if (s) return s;
    if (r->call->on_log) r->stop |= r->call->on_log(r->call->user, line);
    if (r->call->on_finding) r->stop |= r->call->on_finding(r->call->user, r->tr, f);
    return GAN_OK;
}

static gan_status examine(run *r, const gan_report *report, gan_error *err) {
    gan_finding found[GAN_FINDING_KINDS];
    int count;
    gan_status s = gan_trainer_examine(r->tr, report, found, &count, err);
    for (int i = 0; i < count && !s; i++) s = tell(r, &found[i], 0, err);
    return s;
}

/* To the state that was kept, where only the number of rollbacks is new: it is written again, so that
 * a run that is killed from here on counts this one. Killed before, it comes here again. */
static gan_status go_back(run *r, gan_finding *f, gan_error *err) {
    char room[sizeof f->text];
    int64_t before = r->tr->rollbacks;
    gan_status s = gan_trainer_load(r->tr, r->path.rollback, err);
    if (s) return s;
    gan__log_close(&r->log);
    f->step = gan_trainer_steps(r->tr);
    s = gan__log_open(&r->log, r->path.log, f->step, before, err);
    r->tr->rollbacks = before + 1;
    snprintf(room, sizeof room,
             "%.250s; back to step %lld with half the learning rates (%lld of %lld)", f->text,
             (long long)f->step, (long long)r->tr->rollbacks,
             (long long)gan_trainer_config(r->tr)->rollback);
    memcpy(f->text, room, sizeof room);
    if (!s) s = tell(r, f, r->tr->rollbacks, err);
    r->sampled = -1;
    if (!s) s = save(r, err);
    return s ? s : keep(r, 1, err);
}

/* A step or a save has failed for values that are not finite. */
static gan_status diverged(run *r, gan_error *err) {
    gan_error why = *err;
    gan_finding f = gan__finding_diverged(r->making, &why);
    *err = (gan_error){0};
    if (r->tr->rollbacks < gan_trainer_config(r->tr)->rollback) return go_back(r, &f, err);
    (void)tell(r, &f, 0, NULL);
    *err = why;
    return GAN_EDIVERGED;
}

/* --- steps --- */

static gan_status one_step(run *r, gan_error *err) {
    const gan_config *c = gan_trainer_config(r->tr);
    gan_report report;
    char line[GAN__LOG_LINE];
    if (r->call->before_step && r->call->before_step(r->call->user, r->tr)) {
        r->stop = 1;
        return GAN_OK;
    }
    r->making = gan_trainer_steps(r->tr) + 1;
    gan_status s = gan_trainer_step(r->tr, &report, err);
    if (!s) s = gan__log_step(&r->log, &report, line, err);
    if (s) return s;
    if (r->call->on_log) r->stop |= r->call->on_log(r->call->user, line);
    if (r->call->after_step) r->stop |= r->call->after_step(r->call->user, r->tr, &report);
    s = examine(r, &report, err);
    if (s) return s; /* a state that the doctor has not seen would be another run's */
    if (c->checkpoint_every && report.step % c->checkpoint_every == 0) s = save(r, err);
    if (!s && c->sample_every && report.step % c->sample_every == 0) s = sample(r, err);
    /* A picture that cannot be written is no reason to lose what has been learnt. */
    if (s && r->saved != report.step) (void)save(r, NULL);
    return s;
}

static gan_status finish(run *r, gan_error *err) {
    int64_t steps = gan_trainer_steps(r->tr);
    gan_status s = r->saved != steps ? save(r, err) : GAN_OK;
    if (!s && r->sampled != steps) s = sample(r, err);
    if (!s && r->stop)
        s = gan__fail(err, GAN_ESTOPPED, "stopped after step %lld", (long long)steps);
    return s;
}

/* Until it is finished. */
static gan_status train(run *r, gan_error *err) {
    gan_error own = {0}; /* what a failure was is told, also where the caller does not ask */
    gan_error *e = err ? err : &own;
    for (;;) {
        int last = r->stop || gan_trainer_done(r->tr);
        gan_status s = last ? finish(r, e) : one_step(r, e);
        if (s == GAN_EDIVERGED)
            s = diverged(r, e);
        else if (last)
            return s;
        if (s) return s;
    }
}

gan_status gan_run(gan_trainer *tr, const char *dir, int resume, const gan_callbacks *callbacks,
                   gan_error *err) {
    run r = {.tr = tr, .call = callbacks ? callbacks : &none, .saved = -1, .sampled = -1};
    gan_status s = GAN_OK;
    if (resume && !gan_run_exists(dir))
        return gan__fail(err, GAN_EIO,
                         "there is no run in %s to resume: it has no checkpoint.safetensors", dir);
    if (!resume && gan_run_exists(dir))
        return gan__fail(err, GAN_EEXIST,
                         "%s holds a run already; resume it, or choose another folder", dir);
    if (!make_paths(dir, &r.path)) s = gan__fail_memory(err);
    if (!s) s = begin(&r, resume, err);
    if (!s) s = train(&r, err);
    gan__log_close(&r.log);
    free_paths(&r.path);
    return s;
}
