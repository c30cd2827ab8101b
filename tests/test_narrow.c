/* SPDX-License-Identifier: MIT
 *
 * Convolutions with few channels, each way wherever it is possible: on whole numbers equal to the
 * definition, with and without an ending, and the same for any number of threads. Their loops, for
 * each row of the table of machines. And which shape takes which way. */
#include "conv_naive.h"
#include "kernel/machine.h"

static gan_real *numbers(int64_t n) {
    gan_real *x = malloc((size_t)n * sizeof *x);
    assert_non_null(x);
    return x;
}

/* --- geometries larger than a band, a block of images or a tile of a loop --- */

static gan__conv draw(gan_rng *r) {
    static const int channels[] = {1, 2, 3, 4, 5, 8, 12, 16, 17, 40};
    gan__conv g = {.n = conv_draw(r, 1, 3)};
    g.c = channels[gan_rng_below(r, COUNT(channels))];
    g.k = channels[gan_rng_below(r, COUNT(channels))];
    g.kh = conv_draw(r, 1, 7), g.kw = conv_draw(r, 1, 7);
    g.sh = conv_draw(r, 1, 3), g.sw = conv_draw(r, 1, 3);
    if (gan_rng_below(r, 2)) g.sh = g.sw = 1;
    g.ph = conv_draw(r, 0, 4) % (g.kh + 1), g.pw = conv_draw(r, 0, 4) % (g.kw + 1);
    g.h = g.kh + conv_draw(r, 0, 40), g.w = g.kw + conv_draw(r, 0, 40);
    return g;
}

static void run(const conv_case *q, gan__conv_role result, const gan__ending *end, gan_real *out,
                int threads) {
    gan_real *role[3] = {q->role[0], q->role[1], q->role[2]};
    void *work = malloc(gan__conv_workspace(&q->g, result, threads));
    assert_non_null(work);
    memset(out, 0xff, (size_t)q->size[result] * sizeof *out);
    role[result] = out;
    gan__conv_run(&q->g, result, role[0], role[1], role[2], end, work, threads);
    free(work);
}

/* Slopes of powers of two and whole biases keep sums of whole numbers exact. */
static void finish(const gan__conv *g, const gan__ending *end, int64_t n, gan_real *y) {
    for (int64_t i = 0; i < n; i++) {
        gan_real v = y[i] + (end->bias ? end->bias[i % g->k] : 0);
        y[i] = v > 0 ? v : (gan_real)end->slope * v;
    }
}

static void must_be_exact(const conv_case *q, gan__conv_role result, const gan__ending *end) {
    gan_real *a = numbers(q->size[result]), *b = numbers(q->size[result]);
    conv_naive(q, result, b);
    if (result == GAN__CONV_Y) finish(&q->g, end, q->size[result], b);
    for (int threads = 1; threads <= 3; threads++) {
        run(q, result, end, a, threads);
        for (int64_t i = 0; i < q->size[result]; i++)
            if (a[i] != b[i]) conv_describe(&q->g, "wrong");
    }
    free(a), free(b);
}

/* Sums of other numbers show the order of their terms. */
static void must_not_show_threads(const conv_case *q, gan__conv_role result) {
    gan_real *a = numbers(q->size[result]), *b = numbers(q->size[result]);
    run(q, result, NULL, a, 1);
    for (int threads = 2; threads <= 3; threads++) {
        run(q, result, NULL, b, threads);
        if (memcmp(a, b, (size_t)q->size[result] * sizeof *a))
            conv_describe(&q->g, "other bits for other threads");
    }
    free(a), free(b);
}

static void geometries(void **state) {
    gan_real bias[64];
    gan_rng r = gan_rng_make(6, 1, 0);
    int taken[GAN__CONV_METHODS][3] = {{0}};
    (void)state;
    fill_whole(&r, bias, COUNT(bias), 3);
    for (int i = 0; i < 60; i++) {
        conv_case q = conv_open(draw(&r));
        const gan__ending ends[] = {{NULL, 1}, {bias, 1}, {NULL, 0.5}, {bias, 0}};
        for (int k = 0; k < 3; k++) fill_whole(&r, q.role[k], q.size[k], 3);
        for (int k = 0; k < 3 * COUNT(conv_direct); k++) {
            q.g.method = conv_direct[k / 3];
            taken[gan__conv_choice(&q.g, (gan__conv_role)(k % 3))][k % 3]++;
            must_be_exact(&q, (gan__conv_role)(k % 3), ends + i % COUNT(ends));
        }
        for (int k = 0; k < 3; k++) gan_rng_fill_normal(&r, q.role[k], (size_t)q.size[k], 0, 1);
        for (int k = 0; k < 3 * COUNT(conv_direct); k++) {
            q.g.method = conv_direct[k / 3];
            must_not_show_threads(&q, (gan__conv_role)(k % 3));
        }
        conv_close(&q);
    }
    for (int k = 0; k < 3; k++) assert_true(taken[GAN__CONV_NARROW][k] >= 20);
    for (int k = 0; k < 3; k++) assert_true(taken[GAN__CONV_TURNED_NARROW][k] >= 10);
    assert_true(taken[GAN__CONV_GATHER][GAN__CONV_X] >= 20);
    assert_true(taken[GAN__CONV_TURNED][GAN__CONV_W] >= 10);
}

/* --- the loops --- */

enum { PLACES = 11, LINES = 3, MOST = 4096 };

typedef struct operands {
    gan_real a[MOST], b[MOST], out[MOST];
    int64_t places[PLACES], lines[LINES];
} operands;

static operands make_operands(gan_rng *r) {
    operands q;
    fill_whole(r, q.a, MOST, 3);
    fill_whole(r, q.b, MOST, 3);
    for (int i = 0; i < PLACES; i++) q.places[i] = 7 * i;
    for (int i = 0; i < LINES; i++) q.lines[i] = 5 + 101 * i;
    return q;
}

static gan_real at(const operands *q, int64_t place, int64_t j) {
    return q->b[q->places[place] + q->lines[j / GAN__LINE] + j % GAN__LINE];
}

static void check_strips(const gan__machine *m, operands *q, int64_t k, int64_t lines) {
    int64_t n = lines * GAN__LINE;
    for (int add = 0; add < 2; add++) {
        memset(q->out, add ? 0 : 0xff, sizeof q->out);
        m->strips(k, n, PLACES, q->a, q->b, q->places, q->lines, q->out, n, add);
        for (int64_t i = 0; i < k * n; i++) {
            gan_real want = 0;
            for (int64_t r = 0; r < PLACES; r++) want += q->a[r * k + i / n] * at(q, r, i % n);
            assert_true(q->out[i] == want);
        }
    }
}

static void check_dots(const gan__machine *m, operands *q, int64_t k, int64_t lines) {
    int64_t n = lines * GAN__LINE;
    q->out[PLACES * k] = 77;
    m->dots(PLACES, k, n, q->b, q->places, q->lines, q->a, n, q->out);
    for (int64_t i = 0; i < PLACES * k; i++) {
        gan_real want = 0;
        for (int64_t r = 0; r < n; r++) want += at(q, i / k, r) * q->a[i % k * n + r];
        assert_true(q->out[i] == want);
    }
    assert_true(q->out[PLACES * k] == 77);
}

static void check_shifted(const gan__machine *m, operands *q, int64_t c, int64_t terms) {
    const gan_real *from[LINES];
    for (int64_t t = 0; t < terms; t++) from[t] = q->b + q->lines[t];
    m->shifted(PLACES, c, terms, from, 19, q->out);
    for (int64_t i = 0; i < PLACES * c; i++) {
        gan_real want = 0;
        for (int64_t t = 0; t < terms; t++) want += from[t][i / c * 19 + i % c];
        assert_true(q->out[i] == want);
    }
}

/* What is close together and what is not, with and without an ending. */
static void check_finish(const gan__machine *m, operands *q, int64_t n, int64_t apart) {
    enum { ROWS = 41 };
    for (int kind = 0; kind < 4; kind++) {
        const gan_real *bias = kind % 2 ? q->a : NULL;
        double slope = kind / 2 ? 0.5 : 1;
        memcpy(q->out, q->b, sizeof q->out);
        m->finish(ROWS, n, bias, slope, q->out, apart);
        for (int64_t i = 0; i < ROWS * apart; i++) {
            gan_real v = q->b[i] + (bias && i % apart < n ? bias[i % apart] : 0);
            if (i % apart < n && v <= 0) v *= (gan_real)slope;
            assert_true(q->out[i] == v);
        }
    }
}

static void loops(void **state) {
    gan_rng r = gan_rng_make(7, 1, 0);
    static operands q;
    (void)state;
    q = make_operands(&r);
    for (const gan__machine *const *m = gan__machines; *m; m++)
        for (int64_t k = 1; k <= 17 && (*m)->runs(); k++) {
            for (int64_t lines = 1; lines <= LINES; lines++) {
                check_strips(*m, &q, k, lines);
                check_dots(*m, &q, k, lines);
            }
            for (int64_t terms = 0; terms <= LINES && k <= 16; terms++)
                check_shifted(*m, &q, k, terms);
            check_finish(*m, &q, k, k);
            check_finish(*m, &q, k, k + 3);
        }
}

/* --- by the shape alone --- */

static void choice(void **state) {
    static const struct {
        int n, h, c, k, side, stride, pad;
        gan__conv_method want[3]; /* of x, w, y */
    } rows[] = {
        {64, 64, 64, 3, 3, 1, 1, {GAN__CONV_GATHER, GAN__CONV_TURNED, GAN__CONV_TURNED_NARROW}},
        {128, 28, 8, 3, 3, 1, 1, {GAN__CONV_NARROW, GAN__CONV_NARROW, GAN__CONV_TURNED_NARROW}},
        {128, 28, 3, 4, 3, 2, 1, {GAN__CONV_NARROW, GAN__CONV_NARROW, GAN__CONV_NARROW}},
        {64, 32, 64, 3, 3, 2, 1, {GAN__CONV_GATHER, GAN__CONV_NARROW, GAN__CONV_NARROW}},
        {64, 64, 3, 64, 4, 2, 1, {GAN__CONV_NARROW, GAN__CONV_IMPLICIT, GAN__CONV_IMPLICIT}},
        {64, 32, 64, 64, 3, 2, 1, {GAN__CONV_GATHER, GAN__CONV_IMPLICIT, GAN__CONV_IMPLICIT}},
        {2, 8, 512, 256, 3, 2, 1, {GAN__CONV_IMPLICIT, GAN__CONV_IMPLICIT, GAN__CONV_IMPLICIT}},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows) * 3; i++) {
        int n = i / 3;
        gan__conv g = {.n = rows[n].n, .h = rows[n].h, .w = rows[n].h, .c = rows[n].c};
        g.k = rows[n].k, g.kh = g.kw = rows[n].side, g.sh = g.sw = rows[n].stride;
        g.ph = g.pw = rows[n].pad;
        g.oh = g.ow = conv_extent(g.h, g.kh, g.sh, g.ph);
        if (gan__conv_choice(&g, (gan__conv_role)(i % 3)) != rows[n].want[i % 3])
            fail_msg("row %d, role %d: %d", n, i % 3,
                     gan__conv_choice(&g, (gan__conv_role)(i % 3)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(geometries), cmocka_unit_test(loops),
                                       cmocka_unit_test(choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
