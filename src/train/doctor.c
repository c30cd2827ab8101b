/* SPDX-License-Identifier: MIT
 *
 * What the doctor counts, and when it speaks. Its rules are in doctor_rules.c. */
#include "train/doctor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static const char *const names[] = {
#define NAME(code, name) name,
    GAN_FINDING_LIST(NAME)
#undef NAME
};

const char *gan_finding_name(gan_finding_kind kind) {
    return (unsigned)kind < GAN_FINDING_KINDS ? names[kind] : "unknown";
}

gan_status gan_doctor_create(const gan_doctor_options *options, gan_doctor **out, gan_error *err) {
    gan_doctor_options o = GAN_DOCTOR_OPTIONS_DEFAULTS;
    *out = NULL;
    if (options) o = *options;
    if (o.size != sizeof o || o.every < 1 || o.batch < 0 || o.images < 0 || !(o.chance >= 0))
        return gan__fail(err, GAN_EINVAL,
                         "a doctor's options: start with GAN_DOCTOR_OPTIONS_DEFAULTS; windows of "
                         "%lld steps, it must be 1 or more",
                         (long long)o.every);
    gan_doctor *d = gan__zalloc(1, sizeof *d);
    if (!d) return gan__fail_memory(err);
    d->options = o;
    *out = d;
    return GAN_OK;
}

void gan_doctor_free(gan_doctor *doctor) {
    gan__free(doctor);
}

/* Does a window end? Of steps in which D rests nothing is seen, so the one that would may be missing. A
 * doctor that begins in the middle of a run waits for one. */
static int ends_window(const gan_doctor *d, int64_t step) {
    if (d->m.seen <= 0) return step % d->options.every == 0;
    return step / d->options.every > (int64_t)d->m.step / d->options.every;
}

int gan_doctor_due(const gan_doctor *doctor, int64_t step) {
    return doctor->m.seen <= 0 || ends_window(doctor, step);
}

double *gan_doctor_state(gan_doctor *doctor, int *count) {
    *count = (int)(sizeof doctor->m / sizeof(double));
    return (double *)&doctor->m;
}

/* --- what is counted --- */

static double known(double x) {
    return isfinite(x) ? x : 0;
}

static double in_a_row(int again, double count) {
    return again ? count + 1 : 0;
}

/* How far a value has leapt beyond what is usual. The largest leap of a step is kept. */
static void leap(gan__memory *m, double of, double value, double usual, double limit) {
    double times = usual > 0 ? fabs(value) / usual : 0;
    if (!(times > limit) || times <= m->leap) return;
    m->leap = times, m->leap_from = usual, m->leap_of = of;
}

/* The norm against the highest that its running mean has been, so that a gradient that vanishes and
 * comes back is none. */
static void watch_norm(gan__memory *m, double *memory, double of, double norm) {
    if (!isfinite(norm) || norm < 1e-12) return;
    double weight = fmax(1 / m->seen, 1.0 / GAN__NORM_MEMORY);
    if (m->seen > 1) leap(m, of, norm, exp(memory[1]), GAN__LEAP);
    memory[0] = m->seen > 1 ? memory[0] + weight * (log(norm) - memory[0]) : log(norm);
    memory[1] = m->seen > 1 ? fmax(memory[0], memory[1]) : memory[0];
}

static void add(gan__window *w, const gan_report *r) {
    w->steps++;
    w->auc += isfinite(r->auc) ? r->auc : 0.5;
    w->real += known(r->score_real);
    w->fake += known(r->score_fake);
    w->norm_g += isfinite(r->grad_norm_g) ? log(fmax(r->grad_norm_g, 1e-30)) : 0;
    if (!isfinite(r->score_holdout)) return;
    w->holdout += r->score_holdout;
    w->holdouts++;
}

/* A turn is a way from one line to the other. */
static void watch_swings(gan_doctor *d, double auc) {
    gan__memory *m = &d->m;
    double batch = d->options.batch ? (double)d->options.batch : 32;
    if (!isfinite(auc)) return;
    if (m->seen <= 1) m->auc = 0.5;
    m->auc += fmin(0.5, batch / 64) * (auc - m->auc);
    double side = m->auc > GAN__SWING_HIGH ? 1 : m->auc < GAN__SWING_LOW ? -1 : m->side;
    if (side != m->side && m->side != 0) {
        memmove(m->turns + 1, m->turns, (GAN__TURNS - 1) * sizeof *m->turns);
        m->turns[0] = m->step;
    }
    m->side = side;
}

/* A loss that is large before the first update is the initialisation's, not the rate's: the leap is
 * from there. (With several updates a step the first report has seen some of them.) */
static void watch_loss(gan_doctor *d, const gan_report *r) {
    gan__memory *m = &d->m;
    if (m->seen <= 1 && r->n_critic <= 1 && isfinite(r->d_loss)) m->loss_start = fabs(r->d_loss);
    double from = d->options.chance > 0 ? fmax(d->options.chance, m->loss_start) : 0;
    leap(m, 2, r->d_loss, from, GAN__LOSS_LEAP);
}

static void watch_step(gan_doctor *d, const gan_report *r) {
    gan__memory *m = &d->m;
    m->step = (double)r->step;
    m->seen++;
    m->leap = 0;
    if (d->options.images && d->options.batch)
        m->passes += (double)(r->n_critic * d->options.batch) / (double)d->options.images;
    watch_norm(m, m->norm_d, 0, r->grad_norm_d);
    watch_norm(m, m->norm_g, 1, r->grad_norm_g);
    watch_loss(d, r);
    watch_swings(d, r->auc);
    add(&m->open, r);
}

/* --- windows and looks --- */

static gan__window means(const gan__window *w) {
    double n = w->steps;
    return (gan__window){n,
                         w->auc / n,
                         w->real / n,
                         w->fake / n,
                         w->holdouts > 0 ? w->holdout / w->holdouts : 0,
                         w->holdouts,
                         w->norm_g / n};
}

static int ranks_held_out_low(const gan__window *w) {
    double gap = w->real - w->fake;
    return w->holdouts > 0 && w->auc >= GAN__OVERFIT_AUC && gap > 0 &&
           w->real - w->holdout > GAN__OVERFIT * gap;
}

static void close_window(gan_doctor *d) {
    gan__memory *m = &d->m;
    gan__window w = m->closed = means(&m->open);
    double gap = w.real - w.fake;
    m->open = (gan__window){0};
    m->norm_g_peak = m->windows++ > 0 ? fmax(m->norm_g_peak, w.norm_g) : w.norm_g;
    m->sure = in_a_row(d->options.logits && w.auc >= GAN__RANKED && gap > GAN__SURE_GAP, m->sure);
    /* A gap that has narrowed is a generator that catches up: the count begins again. */
    if (w.auc < GAN__UNBEATEN)
        m->unbeaten = 0, m->gap_peak = 0;
    else
        m->unbeaten = in_a_row(gap >= GAN__UNBEATEN_GAP * m->gap_peak, m->unbeaten);
    m->gap_peak = m->unbeaten > 0 ? fmax(m->gap_peak, gap) : 0;
    m->overfit = in_a_row(ranks_held_out_low(&w), m->overfit);
}

static void watch_diversity(gan__memory *m, const gan_vitals *v) {
    if (!isfinite(v->diversity_fake) || !(v->diversity_real > GAN__CONSTANT)) return;
    m->diversity = v->diversity_fake / v->diversity_real;
    m->fallen = in_a_row(m->best >= GAN__ALIVE && m->diversity < GAN__FALLEN * m->best, m->fallen);
    m->flat = in_a_row(m->diversity < GAN__FLAT, m->flat);
    m->best = fmax(m->best, m->diversity);
}

/* --- what is said --- */

static int worth_telling(const gan_doctor *d, const gan__rule *rule) {
    const gan__memory *m = &d->m;
    double told = m->told[rule->kind], fired = m->fired[rule->kind];
    double every = (double)d->options.every;
    if (told <= 0) return 1;
    return !rule->once && (m->step - fired >= GAN__GONE_WINDOWS * every ||
                           m->step - told >= GAN__PAUSE_WINDOWS * every);
}

static int tell(gan_doctor *d, int looking, const gan_report *r, gan_finding *found) {
    int n = 0;
    char seen[256];
    for (int i = 0; i < gan__rule_count; i++) {
        const gan__rule *rule = &gan__rules[i];
        if ((!rule->each_step && !looking) || !rule->found(d, seen, sizeof seen)) continue;
        if (worth_telling(d, rule)) {
            gan_finding *f = &found[n++];
            *f = (gan_finding){.kind = rule->kind, .step = r->step};
            snprintf(f->text, sizeof f->text, "%s; %s", seen, rule->advice);
            d->m.told[rule->kind] = d->m.step;
        }
        d->m.fired[rule->kind] = d->m.step;
    }
    return n;
}

int gan_doctor_look(gan_doctor *doctor, const gan_report *r, const gan_vitals *vitals,
                    gan_finding *found) {
    gan_vitals v = vitals ? *vitals : GAN_VITALS_UNKNOWN;
    gan__memory *m = &doctor->m;
    int closes = ends_window(doctor, r->step);
    watch_step(doctor, r);
    if (closes) close_window(doctor);
    m->diversity_real = v.diversity_real, m->update_d = v.update_d, m->update_g = v.update_g;
    if (vitals) watch_diversity(m, vitals);
    return tell(doctor, closes || vitals, r, found);
}

gan_finding gan__finding_diverged(int64_t step, const gan_error *err) {
    gan_finding f = {.kind = GAN_FINDING_NOT_FINITE, .step = step};
    snprintf(f.text, sizeof f.text, "%.380s", err->text);
    return f;
}

double gan_diversity(int64_t n, int64_t size, const gan_real *images) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            const gan_real *a = images + i * size, *b = images + j * size;
            double square = 0;
            for (int64_t k = 0; k < size; k++) {
                double difference = (double)a[k] - (double)b[k];
                square += difference * difference;
            }
            sum += sqrt(square / (double)size);
        }
    return n > 1 ? sum / ((double)n * (double)(n - 1) / 2) : 0;
}
