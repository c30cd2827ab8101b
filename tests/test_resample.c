/* SPDX-License-Identifier: MIT
 *
 * Operations that resample images and choose their pixels: values by hand and against the formula,
 * and that each adjoint is one: <f(x), y> = <x, f*(y)>. Gradients are in the gradcheck tests. */
#include "support.h"
#include "tape_fixture.h"

#include "gan/resample.h"

/* 0, 1, 2, ... */
static gan_tensor *counting(int rank, const int64_t *dim) {
    gan_tensor *x = gan_input(t, rank, dim, NULL);
    for (int64_t i = 0; i < gan_tensor_size(x); i++) gan_tensor_edit(x)[i] = (gan_real)i;
    return x;
}

/* --- pixel shuffle --- */

static void shuffles(void **state) {
    (void)state;
    for (int64_t r = 1; r <= 3; r++) {
        const int64_t n = 2, h = 3, w = 2, c = 2;
        gan_tensor *x = counting(4, DIMS(n, h, w, c * r * r));
        gan_tensor *y = gan_pixel_shuffle(t, x, (int)r);
        assert_tape_ok(t);
        assert_shape(y, 4, DIMS(n, h * r, w * r, c));
        for (int64_t k = 0; k < gan_tensor_size(y); k++) {
            int64_t channel = k % c, column = k / c % (w * r), row = k / c / (w * r) % (h * r);
            int64_t image = k / c / (w * r) / (h * r);
            int64_t pixel = (image * h + row / r) * w + column / r;
            int64_t from = (pixel * c + channel) * r * r + row % r * r + column % r;
            assert_true(gan_tensor_data(y)[k] == (gan_real)from);
        }
        gan_tensor *back = gan_pixel_unshuffle(t, y, (int)r);
        EXPECT(back, gan_tensor_data(x), n, h, w, c * r * r);
    }
}

/* --- borders and sizes --- */

/* Element (n,i,j,c) of images; 0 outside. */
static double pixel(const gan_tensor *x, int64_t n, int64_t i, int64_t j, int64_t c) {
    int64_t h = gan_tensor_dim(x, 1), w = gan_tensor_dim(x, 2), k = gan_tensor_dim(x, 3);
    if (i < 0 || i >= h || j < 0 || j >= w) return 0;
    return (double)gan_tensor_data(x)[((n * h + i) * w + j) * k + c];
}

typedef double reference(const gan_tensor *x, const int *p, int64_t n, int64_t i, int64_t j,
                         int64_t c);

/* Every element of y is what the reference says. */
static void assert_near_by(const gan_tensor *y, reference *want, const gan_tensor *x, const int *p,
                           double tolerance) {
    const int64_t h = gan_tensor_dim(y, 1), w = gan_tensor_dim(y, 2), k = gan_tensor_dim(y, 3);
    assert_tape_ok(t);
    for (int64_t e = 0; e < gan_tensor_size(y); e++) {
        int64_t n = e / k / w / h, i = e / k / w % h, j = e / k % w, c = e % k;
        double got = (double)gan_tensor_data(y)[e], right = want(x, p, n, i, j, c);
        if (!(fabs(got - right) <= tolerance * fmax(1, fabs(right))))
            fail_msg("[%d,%d,%d,%d] is %.9g, not %.9g", (int)n, (int)i, (int)j, (int)c, got, right);
    }
}

/* <f(x), y> = <x, f*(y)>, the sums in double. */
static void assert_adjoint(gan_tensor *x, gan_tensor *fx) {
    gan_rng r = gan_rng_make(5, 5, 5);
    gan_tensor *y = random_input(t, &r, 4,
                                 DIMS(gan_tensor_dim(fx, 0), gan_tensor_dim(fx, 1),
                                      gan_tensor_dim(fx, 2), gan_tensor_dim(fx, 3)));
    gan_tensor *g;
    double a = 0, b = 0, size = 0;
    assert_int_equal(gan_grad(t, fx, y, 1, &x, &g, GAN_GRAD_KEEP), GAN_OK);
    for (int64_t i = 0; i < gan_tensor_size(fx); i++)
        a += (double)gan_tensor_data(fx)[i] * (double)gan_tensor_data(y)[i],
            size += fabs((double)gan_tensor_data(fx)[i]);
    for (int64_t i = 0; i < gan_tensor_size(x); i++)
        b += (double)gan_tensor_data(x)[i] * (double)gan_tensor_data(g)[i];
    assert_true(fabs(a - b) <= 1e-6 * size);
}

static int64_t mirror(int64_t i, int64_t size) {
    while (i < 0 || i >= size) i = i < 0 ? -i : 2 * (size - 1) - i;
    return i;
}

/* p: the mode, top, left */
static double padded(const gan_tensor *x, const int *p, int64_t n, int64_t i, int64_t j,
                     int64_t c) {
    int64_t h = gan_tensor_dim(x, 1), w = gan_tensor_dim(x, 2);
    i -= p[1], j -= p[2];
    if (p[0] == GAN_PAD_REFLECT) i = mirror(i, h), j = mirror(j, w);
    if (p[0] == GAN_PAD_REPLICATE)
        i = i < 0 ? 0 : i < h ? i : h - 1, j = j < 0 ? 0 : j < w ? j : w - 1;
    return pixel(x, n, i, j, c);
}

static void borders(void **state) {
    static const int sides[][4] = {{1, 2, 3, 0}, {0, 0, 0, 0}, {2, 0, 0, 4}, {4, 4, 4, 4}};
    static const int64_t channels[] = {1, 2, 3, 40};
    (void)state;
    for (int mode = GAN_PAD_ZERO; mode <= GAN_PAD_REPLICATE; mode++)
        for (int k = 0; k < COUNT(sides); k++) {
            const int *s = sides[k], p[3] = {mode, s[0], s[2]};
            gan_rng r = gan_rng_make((uint64_t)k, 1, 1);
            gan_tensor *x = random_input(t, &r, 4, DIMS(2, 5, 6, channels[k]));
            gan_tensor *y = gan_pad_image(t, x, s[0], s[1], s[2], s[3], (gan_pad_mode)mode);
            assert_shape(y, 4, DIMS(2, 5 + s[0] + s[1], 6 + s[2] + s[3], channels[k]));
            assert_near_by(y, padded, x, p, 0);
            assert_adjoint(x, y);
            gan_tape_reset(t);
        }
    EXPECT(gan_pad_image(t, INPUT(t, VALUES(1, 2, 3), 1, 1, 3, 1), 0, 0, 2, 2, GAN_PAD_REFLECT),
           VALUES(3, 2, 1, 2, 3, 2, 1), 1, 1, 7, 1);
    EXPECT(gan_pad_image(t, INPUT(t, VALUES(1, 2), 1, 2, 1, 1), 2, 1, 0, 0, GAN_PAD_REPLICATE),
           VALUES(1, 1, 1, 2, 2), 1, 5, 1, 1);
}

/* p: the result's height and width */
static double resized(const gan_tensor *x, const int *p, int64_t n, int64_t i, int64_t j,
                      int64_t c) {
    int64_t h = gan_tensor_dim(x, 1), w = gan_tensor_dim(x, 2);
    double y = fmax(0, ((double)i + 0.5) * (double)h / p[0] - 0.5);
    double z = fmax(0, ((double)j + 0.5) * (double)w / p[1] - 0.5);
    int64_t i0 = (int64_t)y, j0 = (int64_t)z;
    int64_t i1 = i0 + 1 < h ? i0 + 1 : i0, j1 = j0 + 1 < w ? j0 + 1 : j0;
    double u = y - (double)i0, v = z - (double)j0;
    return (1 - u) * ((1 - v) * pixel(x, n, i0, j0, c) + v * pixel(x, n, i0, j1, c)) +
           u * ((1 - v) * pixel(x, n, i1, j0, c) + v * pixel(x, n, i1, j1, c));
}

static void sizes(void **state) {
    static const int to[][2] = {{10, 12}, {5, 6}, {1, 1}, {7, 3}, {2, 17}, {4, 100}};
    (void)state;
    for (int k = 0; k < COUNT(to); k++) {
        gan_rng r = gan_rng_make((uint64_t)k, 2, 1);
        gan_tensor *x = random_input(t, &r, 4, DIMS(2, 5, 6, k + 1));
        gan_tensor *y = gan_resize_bilinear(t, x, to[k][0], to[k][1]);
        assert_shape(y, 4, DIMS(2, to[k][0], to[k][1], k + 1));
        assert_near_by(y, resized, x, to[k], 2e-6);
        assert_adjoint(x, y);
        gan_tape_reset(t);
    }
    EXPECT(gan_resize_bilinear(t, INPUT(t, VALUES(0, 4), 1, 1, 2, 1), 1, 4), VALUES(0, 1, 3, 4), 1,
           1, 4, 1);
    EXPECT(gan_resize_bilinear(t, INPUT(t, VALUES(1, 2, 3, 4), 1, 1, 4, 1), 1, 2),
           VALUES(1.5F, 3.5F), 1, 1, 2, 1);
    EXPECT(gan_resize_bilinear(t, gan_input(t, 4, DIMS(0, 2, 2, 3), NULL), 4, 5), NULL, 0, 4, 5, 3);
}

/* --- windows --- */

/* p: kernel, stride, pad */
static double largest(const gan_tensor *x, const int *p, int64_t n, int64_t i, int64_t j,
                      int64_t c) {
    double best = -HUGE_VAL;
    for (int64_t a = i * p[1] - p[2]; a < i * p[1] - p[2] + p[0]; a++)
        for (int64_t b = j * p[1] - p[2]; b < j * p[1] - p[2] + p[0]; b++)
            if (a >= 0 && a < gan_tensor_dim(x, 1) && b >= 0 && b < gan_tensor_dim(x, 2))
                best = fmax(best, pixel(x, n, a, b, c));
    return best;
}

static void windows(void **state) {
    static const int p[][3] = {{2, 2, 0}, {3, 2, 1}, {3, 1, 1}, {1, 1, 0}, {4, 3, 2}, {5, 7, 0}};
    static const int64_t channels[] = {1, 3, 300, 16, 2, 5};
    (void)state;
    for (int k = 0; k < COUNT(p); k++) {
        int64_t oh = (6 + 2 * p[k][2] - p[k][0]) / p[k][1] + 1;
        int64_t ow = (7 + 2 * p[k][2] - p[k][0]) / p[k][1] + 1;
        gan_rng r = gan_rng_make((uint64_t)k, 3, 1);
        gan_tensor *x = random_input(t, &r, 4, DIMS(2, 6, 7, channels[k]));
        gan_tensor *y = gan_max_pool(t, x, p[k][0], p[k][1], p[k][2]);
        assert_shape(y, 4, DIMS(2, oh, ow, channels[k]));
        assert_near_by(y, largest, x, p[k], 0);
        assert_adjoint(x, y);
        gan_tape_reset(t);
    }
}

/* The gradient goes to the first of equal ones, once for each window; a NaN is not lost; below 0
 * the border does not win. */
static void winners(void **state) {
    gan_tensor *g, *x = INPUT(t, VALUES(1, 1, 3, 2, 3, 0), 1, 2, 3, 1);
    (void)state;
    gan_grad(t, gan_max_pool(t, x, 2, 1, 0), INPUT(t, VALUES(5, 7), 1, 1, 2, 1), 1, &x, &g, 0);
    EXPECT(g, VALUES(0, 0, 7, 0, 5, 0), 1, 2, 3, 1);
    x = INPUT(t, VALUES(4, 4, 4, 4), 1, 2, 2, 1);
    gan_grad(t, gan_max_pool(t, x, 2, 2, 0), INPUT(t, VALUES(5), 1, 1, 1, 1), 1, &x, &g, 0);
    EXPECT(g, VALUES(5, 0, 0, 0), 1, 2, 2, 1);
    EXPECT(gan_max_pool(t, INPUT(t, VALUES(-1, -2, -3, -4), 1, 2, 2, 1), 2, 2, 1),
           VALUES(-1, -2, -3, -4), 1, 2, 2, 1);
    for (int i = 0; i < 4; i++) {
        gan_tensor *n = INPUT(t, VALUES(1, 2, 3, 4), 1, 2, 2, 1);
        gan_tensor_edit(n)[i] = NAN;
        assert_true(isnan((double)gan_tensor_data(gan_max_pool(t, n, 2, 2, 0))[0]));
        gan_tape_reset(t);
    }
}

/* --- affine maps --- */

#define IDENTITY 1, 0, 0, 0, 1, 0

static const double *matrices; /* of `sampled` */

/* As the header says it, of the zero outside and of the bilinear interpolation. */
static double sampled(const gan_tensor *x, const int *p, int64_t n, int64_t i, int64_t j,
                      int64_t c) {
    const double *m = matrices + 6 * n;
    double h = (double)gan_tensor_dim(x, 1), w = (double)gan_tensor_dim(x, 2);
    double u = (2 * (double)j + 1) / w - 1, v = (2 * (double)i + 1) / h - 1;
    double column = ((m[0] * u + m[1] * v + m[2] + 1) * w - 1) / 2;
    double row = ((m[3] * u + m[4] * v + m[5] + 1) * h - 1) / 2;
    int64_t i0 = (int64_t)floor(row), j0 = (int64_t)floor(column);
    double a = row - (double)i0, b = column - (double)j0;
    (void)p;
    return (1 - a) * ((1 - b) * pixel(x, n, i0, j0, c) + b * pixel(x, n, i0, j0 + 1, c)) +
           a * ((1 - b) * pixel(x, n, i0 + 1, j0, c) + b * pixel(x, n, i0 + 1, j0 + 1, c));
}

/* Smooth images: floats that place a pixel a little beside change them little. */
static gan_tensor *waves(int64_t n, int64_t h, int64_t w, int64_t c) {
    gan_tensor *x = gan_input(t, 4, DIMS(n, h, w, c), NULL);
    for (int64_t k = 0; k < gan_tensor_size(x); k++) {
        int64_t i = k / c / w, j = k / c % w;
        gan_tensor_edit(x)[k] = (gan_real)sin(0.2 * (double)i + 0.1 * (double)j + (double)(k % c));
    }
    return x;
}

static void maps(void **state) {
    static const double m[][12] = {{IDENTITY, -1, 0, 0, 0, 1, 0},
                                   {0.8, -0.6, 0.1, 0.6, 0.8, -0.2, 0, 1, 0, -1, 0, 0},
                                   {2, 0, 0.3, 0, 3, 0, 0.3, 0.01, -0.2, -0.1, 0.5, 1.9},
                                   {0, 0, 5, 0, 0, 0, 1, 0, -1.7, 0, 1, 0}};
    static const int64_t sizes_of[][3] = {
        {5, 6, 3}, {1, 1, 1}, {7, 130, 1}, {130, 9, 2}, {4, 64, 40}};
    (void)state;
    for (int k = 0; k < COUNT(m); k++)
        for (int e = 0; e < COUNT(sizes_of); e++) {
            const int64_t *d = sizes_of[e];
            double copy[12];
            memcpy(copy, matrices = m[k], sizeof copy);
            gan_tensor *x = waves(2, d[0], d[1], d[2]), *y = gan_sample_affine(t, x, copy);
            memset(copy, -1, sizeof copy); /* it may go at once */
            assert_shape(y, 4, DIMS(2, d[0], d[1], d[2]));
            assert_near_by(y, sampled, x, NULL, 4e-5);
            assert_adjoint(x, y);
            gan_tape_reset(t);
        }
}

/* What moves pixels onto pixels loses nothing; what is far away is 0, however far. */
static void exact_maps(void **state) {
    const gan_real *x = VALUES(1, 2, 3, 4, 5, 6);
    const double mirror_columns[] = {-1, 0, 0, 0, 1, 0}, left[] = {1, 0, 2.0 / 3, 0, 1, 0};
    const double far[] = {1e300, 0, -1e300, 0, 1, 0}, beside[] = {1, 0, 1e9, 0, 1, -1e30};
    const double half[] = {1, 0, 1.0 / 3, 0, 1, 0};
    (void)state;
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), (const double[]){IDENTITY}), x, 1, 2, 3,
           1);
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), mirror_columns), VALUES(3, 2, 1, 6, 5, 4),
           1, 2, 3, 1);
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), left), VALUES(2, 3, 0, 5, 6, 0), 1, 2, 3,
           1);
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), half),
           VALUES(1.5F, 2.5F, 1.5F, 4.5F, 5.5F, 3), 1, 2, 3, 1);
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), far), VALUES(0, 0, 0, 0, 0, 0), 1, 2, 3,
           1);
    EXPECT(gan_sample_affine(t, INPUT(t, x, 1, 2, 3, 1), beside), VALUES(0, 0, 0, 0, 0, 0), 1, 2, 3,
           1);
    EXPECT(gan_sample_affine(t, gan_input(t, 4, DIMS(0, 2, 2, 3), NULL), NULL), NULL, 0, 2, 2, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles),   cmocka_unit_test(borders), cmocka_unit_test(sizes),
        cmocka_unit_test(windows),    cmocka_unit_test(winners), cmocka_unit_test(maps),
        cmocka_unit_test(exact_maps),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
