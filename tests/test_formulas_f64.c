/* SPDX-License-Identifier: MIT
 *
 * Objectives and penalties against their formulas, written out here. Objectives on given scores:
 * value and gradient. Penalties on critics whose gradient is known: D(x) = w.x + b has w
 * everywhere, D(x) = sum of a x^2 has 2 a x. */
#include "support.h"

#include "gan/discriminator.h"
#include "gan/diversity.h"
#include "gan/layer.h"
#include "gan/loss.h"
#include "gan/penalty.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "tape_fixture.h"

#define TINY 1e-12

static void assert_near(const char *what, double got, double want) {
    if (!(fabs(got - want) <= TINY * fmax(1, fabs(want))))
        fail_msg("%s is %.17g, not %.17g", what, got, want);
}

/* --- objectives --- */

/* What one pair of scores adds to N times the losses, and the derivatives of that. */
typedef struct terms {
    double d, d_real, d_fake, g, g_real, g_fake;
} terms;

static double softplus(double x) {
    return log1p(exp(-fabs(x))) + fmax(x, 0);
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static terms standard(double r, double f, const gan_loss_options *o) {
    double p = sigmoid(r), q = sigmoid(f), target = 1 - o->smooth;
    terms v = {.d = -target * log(p) - o->smooth * log(1 - p) - log(1 - q),
               .d_real = p - target,
               .d_fake = q};
    v.g = o->saturating ? log(1 - q) : -log(q);
    v.g_fake = o->saturating ? -q : q - 1;
    return v;
}

static terms lsgan(double r, double f, const gan_loss_options *o) {
    double off = r - (1 - o->smooth);
    return (terms){(off * off + f * f) / 2, off, f, (f - 1) * (f - 1) / 2, 0, f - 1};
}

static terms hinge(double r, double f, const gan_loss_options *o) {
    (void)o;
    return (terms){fmax(0, 1 - r) + fmax(0, 1 + f), r < 1 ? -1 : 0, f > -1 ? 1 : 0, -f, 0, -1};
}

static terms relativistic(double r, double f, const gan_loss_options *o) {
    (void)o;
    double worse = sigmoid(f - r), better = sigmoid(r - f);
    return (terms){softplus(f - r), -worse, worse, softplus(r - f), better, -better};
}

static terms wasserstein(double r, double f, const gan_loss_options *o) {
    (void)o;
    return (terms){f - r, -1, 1, -f, 0, -1};
}

static const struct {
    const char *name;
    terms (*of)(double r, double f, const gan_loss_options *o);
} formulas[] = {{"standard", standard},         {"lsgan", lsgan},      {"hinge", hinge},
                {"relativistic", relativistic}, {"wgan", wasserstein}, {"wgan-gp", wasserstein}};

/* No score is at the hinge's kinks, 1 and -1. */
static const gan_real real_scores[] = {-3, -0.25, 0, 0.5, 0.875, 1.5, 8, -1.25},
                      fake_scores[] = {2, -0.75, 0, -1.5, 0.25, -6, 3.5, 1.125};

enum { SCORES = sizeof real_scores / sizeof *real_scores };

/* A gradient; 0 where nothing flows to x. */
static const gan_real *gradient(gan_tensor *loss, gan_tensor *x) {
    gan_tensor *g;
    assert_int_equal(gan_grad(t, loss, NULL, 1, &x, &g, GAN_GRAD_KEEP), GAN_OK);
    return gan_tensor_data(g);
}

static void assert_objective(const gan_objective *o, int formula, gan_loss_options options) {
    gan_tensor *real = INPUT(t, real_scores, SCORES), *fake = INPUT(t, fake_scores, SCORES);
    gan_tensor *d = o->d(t, &options, real, fake), *g = o->g(t, &options, real, fake);
    double sum_d = 0, sum_g = 0;
    assert_tape_ok(t);
    const gan_real *dr = gradient(d, real), *df = gradient(d, fake), *gf = gradient(g, fake);
    const gan_real *gr = o->needs_real ? gradient(g, real) : NULL;
    for (int i = 0; i < SCORES; i++) {
        terms s = formulas[formula].of((double)real_scores[i], (double)fake_scores[i], &options);
        sum_d += s.d / SCORES, sum_g += s.g / SCORES;
        assert_near("dD/dreal", (double)dr[i], s.d_real / SCORES);
        assert_near("dD/dfake", (double)df[i], s.d_fake / SCORES);
        assert_near("dG/dfake", (double)gf[i], s.g_fake / SCORES);
        assert_near("dG/dreal", gr ? (double)gr[i] : 0, s.g_real / SCORES);
    }
    assert_near("D's loss", gan_tensor_item(d), sum_d);
    assert_near("G's loss", gan_tensor_item(g), sum_g);
    gan_tape_reset(t);
}

static void objectives(void **state) {
    (void)state;
    for (int i = 0; gan_objective_at(i); i++) {
        const gan_objective *o = gan_objective_at(i);
        int k = 0;
        while (k < COUNT(formulas) && strcmp(formulas[k].name, o->name)) k++;
        if (k == COUNT(formulas)) fail_msg("write out the formula of %s here", o->name);
        assert_objective(o, k, GAN_LOSS_DEFAULTS);
        if (o->smooths) assert_objective(o, k, (gan_loss_options){0, 0.1});
        if (o->smooths) assert_objective(o, k, (gan_loss_options){0, 0.5});
        if (o->saturates) assert_objective(o, k, (gan_loss_options){1, 0.1});
    }
}

/* --- penalties --- */

enum { IMAGES = 6, SIDE = 3, COLOURS = 2, PIXELS = SIDE * SIDE, SIZE = PIXELS * COLOURS };

/* y = x^2, what the linear layer behind it makes a quadratic form of. */
static gan_tensor *forward_square(gan_tape *tape, gan_module *m, gan_tensor *x,
                                  const gan_pass *pass) {
    (void)m, (void)pass;
    return gan_square(tape, x);
}

static const gan_module_type square_type = {.name = "square", .forward = forward_square};

typedef struct scene {
    int pack, quadratic;
    gan_discriminator *d;
    gan_tensor *w, *b;                               /* of the linear layer */
    double real[IMAGES * SIZE], fake[IMAGES * SIZE]; /* the images */
    double e[IMAGES], u[IMAGES * SIZE], deviation;   /* as the penalties draw them */
} scene;

/* The weight of an element of the k-th image of a pack: memory has pixel, image, channel. */
static double weight(const scene *s, int k, int i) {
    int pixel = i / COLOURS, channel = i % COLOURS;
    return (double)gan_tensor_data(s->w)[(pixel * s->pack + k) * COLOURS + channel];
}

static void open_scene(scene *s, int pack, int quadratic) {
    gan_module *root = gan_sequential("main"), *linear = gan_linear(pack * SIZE, 1, 1);
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_error err = {0};
    gan_rng r = gan_rng_make(1, 2, (uint64_t)pack);
    *s = (scene){.pack = pack, .quadratic = quadratic};
    c.height = c.width = SIDE, c.channels = COLOURS, c.pack = pack;
    if (quadratic) gan_module_add(root, NULL, gan_module_create(&square_type, 0));
    gan_module_add(root, NULL, gan_flatten(SIDE, SIDE, pack * COLOURS));
    gan_module_add(root, NULL, linear);
    if (gan_discriminator_wrap(root, &c, &s->d, &err)) fail_msg("%s", err.text);
    s->w = gan_module_parameter(linear, 0), s->b = gan_module_parameter(linear, 1);
    gan_rng_fill_uniform(&r, gan_tensor_edit(s->w), (size_t)gan_tensor_size(s->w), -0.5, 0.5);
    *gan_tensor_edit(s->b) = (gan_real)0.375;
    for (int i = 0; i < IMAGES * SIZE; i++) {
        s->real[i] = 2 * gan_rng_uniform(&r) - 1;
        s->fake[i] = 2 * gan_rng_uniform(&r) - 1;
    }
}

/* Half the standard deviation of all pixels. */
static double half_deviation(const scene *s) {
    double sum = 0, squares = 0;
    for (int i = 0; i < IMAGES * SIZE; i++) sum += s->real[i];
    for (int i = 0; i < IMAGES * SIZE; i++) squares += pow(s->real[i] - sum / (IMAGES * SIZE), 2);
    return sqrt(squares / (IMAGES * SIZE)) / 2;
}

/* One e a pack, then u: the order in which they are drawn. */
static void draw_points(scene *s, gan_rng r) {
    gan_real e[IMAGES], u[IMAGES * SIZE];
    gan_rng_fill_uniform(&r, e, (size_t)(IMAGES / s->pack), 0, 1);
    gan_rng_fill_uniform(&r, u, IMAGES * SIZE, 0, 1);
    for (int n = 0; n < IMAGES; n++) s->e[n] = (double)e[n / s->pack];
    for (int i = 0; i < IMAGES * SIZE; i++) s->u[i] = (double)u[i];
    s->deviation = half_deviation(s);
}

typedef enum place { REAL, FAKE, BETWEEN, AROUND } place;

static double point(const scene *s, place where, int i) {
    double e = s->e[i / SIZE];
    switch (where) {
    case REAL:
        return s->real[i];
    case FAKE:
        return s->fake[i];
    case BETWEEN:
        return s->real[i] + e * (s->fake[i] - s->real[i]);
    case AROUND:
        return s->real[i] + e * s->deviation * s->u[i];
    }
    return 0;
}

/* |g|^2 of a pack */
static double squares(const scene *s, place where, int pack) {
    double sum = 0;
    for (int k = 0; k < s->pack; k++)
        for (int i = 0; i < SIZE; i++) {
            double x = point(s, where, (pack * s->pack + k) * SIZE + i), w = weight(s, k, i);
            sum += s->quadratic ? pow(2 * w * x, 2) : w * w;
        }
    return sum;
}

static double score(const scene *s, int pack) {
    double sum = (double)*gan_tensor_data(s->b);
    for (int k = 0; k < s->pack; k++)
        for (int i = 0; i < SIZE; i++) {
            double x = s->real[(pack * s->pack + k) * SIZE + i], w = weight(s, k, i);
            sum += w * (s->quadratic ? x * x : x);
        }
    return sum;
}

static const struct {
    const char *name;
    place where;
    int centre;
    double factor;
} shapes[] = {{"gp", BETWEEN, 1, 1}, {"gp0", BETWEEN, 0, 1},   {"r1", REAL, 0, 0.5},
              {"r2", FAKE, 0, 0.5},  {"dragan", AROUND, 1, 1}, {"dragan0", AROUND, 0, 1},
              {"drift", REAL, 0, 1}};

/* The mean over packs; of drift the place means nothing. */
static double expected(const scene *s, int shape) {
    int packs = IMAGES / s->pack;
    double sum = 0;
    for (int p = 0; p < packs; p++) {
        double g = squares(s, shapes[shape].where, p);
        if (!strcmp(shapes[shape].name, "drift"))
            sum += pow(score(s, p), 2);
        else
            sum += shapes[shape].centre ? pow(sqrt(g) - 1, 2) : g;
    }
    return shapes[shape].factor * sum / packs;
}

/* Differences of the formula, by one weight. */
static double expected_slope(scene *s, int shape, int i) {
    gan_real *w = gan_tensor_edit(s->w) + i, was = *w;
    const double h = 1e-5;
    *w = (gan_real)((double)was + h);
    double above = expected(s, shape);
    *w = (gan_real)((double)was - h);
    double below = expected(s, shape);
    *w = was;
    return (above - below) / (2 * h);
}

static gan_tensor *images(const double *from) {
    gan_tensor *x = INPUT(t, NULL, IMAGES, SIDE, SIDE, COLOURS);
    for (int i = 0; i < IMAGES * SIZE; i++) gan_tensor_edit(x)[i] = (gan_real)from[i];
    return x;
}

/* One stream for all: each penalty starts it anew. */
static gan_rng points(void) {
    return gan_rng_make(4, 5, 6);
}

static void assert_penalty(scene *s, const gan_penalty *p, int shape) {
    const gan_pass pass = {.training = 1};
    gan_rng r = points();
    gan_penalty_inputs in = {s->d, images(s->real), images(s->fake), NULL, &r, &pass};
    in.score_real = gan_discriminator_forward(t, s->d, in.real, NULL, &pass).scores;
    gan_tensor *y = p->run(t, &in);
    assert_tape_ok(t);
    draw_points(s, points());
    assert_near(p->name, gan_tensor_item(y), expected(s, shape));
    gan_tape_reset(t);
}

static void assert_slopes(scene *s, const gan_penalty *p, int shape) {
    const gan_pass pass = {.training = 1};
    gan_rng r = points();
    double want[2 * SIZE];
    for (int i = 0; i < s->pack * SIZE; i++) want[i] = expected_slope(s, shape, i);
    gan_penalty_inputs in = {s->d, images(s->real), images(s->fake), NULL, &r, &pass};
    in.score_real = gan_discriminator_forward(t, s->d, in.real, NULL, &pass).scores;
    const gan_real *g = gradient(p->run(t, &in), s->w);
    for (int i = 0; i < s->pack * SIZE; i++)
        if (!(fabs((double)g[i] - want[i]) < 1e-8))
            fail_msg("%s: slope %.12g, not %.12g", p->name, (double)g[i], want[i]);
    gan_tape_reset(t);
}

static void penalties(void **state) {
    (void)state;
    for (int i = 0; gan_penalty_at(i); i++) {
        const gan_penalty *p = gan_penalty_at(i);
        int k = 0;
        while (k < COUNT(shapes) && strcmp(shapes[k].name, p->name)) k++;
        if (k == COUNT(shapes)) fail_msg("write out the formula of %s here", p->name);
        for (int kind = 0; kind < 4; kind++) {
            scene s;
            open_scene(&s, 1 + kind / 2, kind % 2);
            assert_penalty(&s, p, k);
            assert_slopes(&s, p, k);
            gan_discriminator_free(s.d);
        }
    }
}

/* The function of the paper's name is the row with its weight. */
static void wgangp(void **state) {
    const gan_pass pass = {.training = 1};
    gan_rng r = points();
    scene s;
    (void)state;
    open_scene(&s, 1, 1);
    gan_tensor *y = gan_penalty_wgangp(t, s.d, images(s.real), images(s.fake), 10, &r, &pass);
    assert_tape_ok(t);
    draw_points(&s, points());
    assert_near("gan_penalty_wgangp", gan_tensor_item(y), 10 * expected(&s, 0));
    gan_discriminator_free(s.d);
}

/* --- mode seeking --- */

/* The last image of an odd batch is left out. */
static void mode_seeking(void **state) {
    gan_rng r = gan_rng_make(7, 7, 7);
    (void)state;
    for (int n = 2; n <= 7; n++) {
        gan_tensor *x = random_input(t, &r, 4, DIMS(n, 2, 3, 1)),
                   *z = random_input(t, &r, 2, DIMS(n, 5));
        const gan_real *px = gan_tensor_data(x), *pz = gan_tensor_data(z);
        int half = n / 2;
        double dx = 0, dz = 0;
        for (int i = 0; i < half * 6; i++)
            dx += fabs((double)px[i] - (double)px[i + half * 6]) / (half * 6);
        for (int i = 0; i < half * 5; i++)
            dz += fabs((double)pz[i] - (double)pz[i + half * 5]) / (half * 5);
        gan_tensor *y = gan_mode_seeking(t, x, z);
        assert_tape_ok(t);
        assert_near("mode seeking", gan_tensor_item(y), 1 / (dx / dz + 1e-5));
        gan_tape_reset(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objectives),
        cmocka_unit_test(penalties),
        cmocka_unit_test(wgangp),
        cmocka_unit_test(mode_seeking),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
