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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
