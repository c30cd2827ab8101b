/* SPDX-License-Identifier: MIT
 *
 * The loops over images, of every row of the table of machines that runs here: they give what those
 * of the first row give, which test_resample.c holds against the definitions, and write no element
 * more. */
#include "support.h"

#include "kernel/machine.h"

enum { MOST = 40000 };

typedef struct operands {
    gan_real x[MOST], by[MOST], out[MOST], want[MOST];
} operands;

static operands q;

static void draw(int seed) {
    gan_rng r = gan_rng_make((uint64_t)seed, 1, 0);
    gan_rng_fill_uniform(&r, q.x, MOST, -2, 2);
    gan_rng_fill_uniform(&r, q.by, MOST, -2, 2);
    for (int i = 0; i < MOST; i++) q.out[i] = q.want[i] = (gan_real)(i % 5);
}

/* To rounding: of the sums, and of places in maps, which are floats as large as an image is wide. */
static void assert_same(const char *machine, const char *what, int64_t n) {
    double tolerance = strstr(what, "sample") ? 4e-5 : 2e-6;
    for (int64_t i = 0; i < n; i++)
        if (!(fabs((double)q.out[i] - (double)q.want[i]) <= tolerance))
            fail_msg("%s, %s: element %d is %.9g, not %.9g", machine, what, (int)i,
                     (double)q.out[i], (double)q.want[i]);
    for (int64_t i = n; i < MOST; i++) assert_true(q.out[i] == (gan_real)(i % 5));
}

/* run(machine, size, result), each time from the same operands, for every machine and some sizes */
static void everywhere(const char *what, int64_t (*run)(const gan__machine *, int, gan_real *)) {
    static const int sizes[] = {1, 2, 3, 7, 16, 33};
    for (const gan__machine *const *m = gan__machines; *m; m++)
        for (int i = 0; i < COUNT(sizes) && (*m)->runs(); i++) {
            draw(i);
            run(gan__machine_here(), sizes[i], q.want);
            assert_same((*m)->name, what, run(*m, sizes[i], q.out));
        }
}

/* --- rows and pixels as sums --- */

static int64_t rows(const gan__machine *m, int n, gan_real *y) {
    static const int64_t at[] = {4, 0, 4};
    static const gan_real weight[] = {0.5F, -1.25F, 2};
    for (int taps = 0; taps <= 3; taps++)
        m->stretch.rows(taps, at, weight, n * 9, q.x, y + taps * n * 9);
    return 4 * n * 9;
}

static int64_t columns(const gan__machine *m, int c, gan_real *y) {
    static int64_t start[] = {0, 1, 1, 3, 6}, at[] = {8, 0, 3, 3, 1, 0};
    static gan_real weight[] = {1, 0.25F, 0.75F, -2, 0.5F, 3};
    const gan__taps taps = {4, start, at, weight};
    m->stretch.columns(&taps, c, q.x, y);
    return 4 * c;
}

/* --- affine maps: 3 rows of 100 pixels --- */

static const gan__sample_map map = {{0.9, -0.3, 2.2, 0.02, 0.8, -0.4}};

static int64_t sample_read(const gan__machine *m, int c, gan_real *y) {
    const gan__sample_shape s = {1, 3, 100, c};
    for (int i = 0; i < 3; i++) m->sample.read(&s, &map, i, q.x, y + i * 100 * c);
    return 300 * c;
}

static int64_t sample_add(const gan__machine *m, int c, gan_real *y) {
    const gan__sample_shape s = {1, 3, 100, c};
    for (int i = 0; i < 3; i++) m->sample.add(&s, &map, i, q.x + i * 100 * c, y);
    return 300 * c;
}

/* --- windows: 3x3, stride 2, pad 1 in 5x6 --- */

static int64_t select_by(const gan__machine *m, int c, gan_real *y) {
    const gan__pool_shape s = {1, 5, 6, c, 3, 3, 3, 2, 1};
    m->pool.select(&s, c, q.by, q.by, y);
    m->pool.select(&s, c, q.x, q.by, y + 9 * c);
    return 18 * c;
}

static int64_t spread_by(const gan__machine *m, int c, gan_real *x) {
    const gan__pool_shape s = {1, 5, 6, c, 3, 3, 3, 2, 1};
    m->pool.spread(&s, c, q.x, q.by, x);
    return 30 * c;
}

#define LOOPS(name)                                                                                \
    static void name##_loops(void **state) {                                                       \
        (void)state;                                                                               \
        everywhere(#name, name);                                                                   \
    }
LOOPS(rows)
LOOPS(columns)
LOOPS(sample_read)
LOOPS(sample_add)
LOOPS(select_by)
LOOPS(spread_by)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_loops),        cmocka_unit_test(columns_loops),
        cmocka_unit_test(sample_read_loops), cmocka_unit_test(sample_add_loops),
        cmocka_unit_test(select_by_loops),   cmocka_unit_test(spread_by_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
