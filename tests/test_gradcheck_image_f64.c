/* SPDX-License-Identifier: MIT
 *
 * First- and second-order gradients of the operations that resample images and choose their pixels,
 * a row each; of a few the third as well. They are linear: each runs on the tanh of its operand, so
 * that the second order is no zero. */
#include "gradcheck.h"

#include "gan/augment.h"
#include "gan/resample.h"
#include "gan/term.h"

/* B(name, f of the tape t, the tensors x[] and the parameters p[]) */
#define B(name, expression)                                                                        \
    static gan_tensor *name(gan_tape *t, gan_tensor *const *x, const int *p) {                     \
        return expression;                                                                         \
    }
#define Y gan_tanh(t, x[0])

/* --- by a whole factor --- */

B(upsample, gan_upsample_nearest(t, Y, p[0]))
B(mean_of_blocks, gan_average_pool(t, Y, p[0]))
B(shuffle, gan_pixel_shuffle(t, Y, p[0]))
B(unshuffle, gan_pixel_unshuffle(t, Y, p[0]))

static const gradcheck_row factors[] = {
    {"upsample_nearest 2", upsample, 1, {{2, 2, 3, 2}}, .p = {2}, .order = 3},
    {"upsample_nearest 3", upsample, 1, {{1, 1, 2, 3}}, .p = {3}},
    {"upsample_nearest 1", upsample, 1, {{1, 2, 2, 1}}, .p = {1}},
    {"average_pool 2", mean_of_blocks, 1, {{2, 4, 2, 3}}, .p = {2}, .order = 3},
    {"average_pool 3", mean_of_blocks, 1, {{1, 3, 6, 1}}, .p = {3}},
    {"average_pool 1", mean_of_blocks, 1, {{1, 2, 2, 2}}, .p = {1}},
    {"pixel_shuffle 2", shuffle, 1, {{2, 1, 2, 8}}, .p = {2}, .order = 3},
    {"pixel_shuffle 3", shuffle, 1, {{1, 2, 1, 9}}, .p = {3}},
    {"pixel_unshuffle 2", unshuffle, 1, {{2, 4, 2, 3}}, .p = {2}, .order = 3},
    {"pixel_unshuffle 3", unshuffle, 1, {{1, 3, 6, 1}}, .p = {3}},
};

/* --- to any size, with a border --- */

B(resize, gan_resize_bilinear(t, Y, p[0], p[1]))
B(border, gan_pad_image(t, Y, p[1], p[2], p[3], p[4], (gan_pad_mode)p[0]))

static const gradcheck_row sizes[] = {
    {"resize_bilinear, twice", resize, 1, {{2, 2, 3, 2}}, .p = {4, 6}, .order = 3},
    {"resize_bilinear, half", resize, 1, {{1, 4, 6, 3}}, .p = {2, 3}},
    {"resize_bilinear, 3x4 to 5x2", resize, 1, {{1, 3, 4, 1}}, .p = {5, 2}, .order = 3},
    {"resize_bilinear, 5x2 to 2x7", resize, 1, {{2, 5, 2, 1}}, .p = {2, 7}},
    {"resize_bilinear to 1x1", resize, 1, {{1, 3, 2, 2}}, .p = {1, 1}},
    {"pad_image, zero", border, 1, {{2, 2, 3, 2}}, .p = {GAN_PAD_ZERO, 1, 0, 2, 1}, .order = 3},
    {"pad_image, reflect",
     border,
     1,
     {{2, 3, 4, 2}},
     .p = {GAN_PAD_REFLECT, 2, 1, 0, 3},
     .order = 3},
    {"pad_image, replicate",
     border,
     1,
     {{2, 2, 3, 3}},
     .p = {GAN_PAD_REPLICATE, 3, 1, 2, 0},
     .order = 3},
};

/* --- the largest of windows --- */

B(largest, gan_max_pool(t, x[0], p[0], p[1], p[2]))
B(largest_product,
  gan_mul(t, gan_max_pool(t, Y, p[0], p[1], p[2]), gan_max_pool(t, x[0], p[0], p[1], p[2])))

/* Differences between every two pixels of a channel, of which there are p[3]: the kinks. */
static gan_tensor *pairs(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *y = gan_reshape(t, x[0], 3, DIMS(-1, p[3], gan_tensor_dim(x[0], 3))), *parts[8];
    int n = 0;
    for (int by = 1; by <= p[3] / 2; by++) {
        gan_tensor *turned[2] = {gan_slice(t, y, 1, by, p[3] - by), gan_slice(t, y, 1, 0, by)};
        parts[n++] = gan_sub(t, y, gan_concat(t, 2, turned, 1));
    }
    return gan_concat(t, n, parts, 1);
}

static const gradcheck_row windows[] = {
    {"max_pool 2", largest, 1, {{1, 4, 3, 2}}, .p = {2, 2, 0, 12}, .inside = pairs},
    {"max_pool 3, stride 2, pad 1",
     largest,
     1,
     {{1, 4, 4, 1}},
     .p = {3, 2, 1, 16},
     .inside = pairs},
    {"max_pool 3, stride 1, pad 1",
     largest_product,
     1,
     {{2, 3, 3, 2}},
     .p = {3, 1, 1, 9},
     .order = 3,
     .inside = pairs},
    {"max_pool 2, stride 1",
     largest_product,
     1,
     {{1, 3, 3, 3}},
     .p = {2, 1, 0, 9},
     .inside = pairs},
};

/* --- through a matrix --- */

static const double matrices[][12] = {{0.8, -0.6, 0.1, 0.6, 0.8, -0.2, -1, 0, 0.05, 0, 1, 0},
                                      {2, 0, 0.3, 0, 0.5, 0, 0, 1, 0, -1, 0, 0.7}};
B(sample, gan_sample_affine(t, Y, matrices[p[0]]))

static const gradcheck_row maps[] = {
    {"sample_affine, turned and mirrored", sample, 1, {{2, 3, 4, 2}}, .p = {0}, .order = 3},
    {"sample_affine, stretched and turned", sample, 1, {{2, 4, 3, 3}}, .p = {1}},
    {"sample_affine, one channel", sample, 1, {{2, 5, 2, 1}}, .p = {0}},
};

/* --- augmentation: the same draws each time --- */

static gan_tensor *augmented(gan_tape *t, gan_tensor *const *x, const int *p) {
    static const char *const lists[] = {"ada", "diffaugment", "ada+diffaugment"};
    gan_rng r = gan_rng_make((uint64_t)p[1] + 3, 1, 1);
    gan_augment a = {0, 0.9, &r};
    if (gan_augment_parse(lists[p[0]], &a.kinds, NULL)) return NULL;
    return gan_augment_images(t, x[0], &a);
}

static const gradcheck_row augmentations[] = {
    {"augment, ada", augmented, 1, {{2, 4, 5, 3}}, .p = {0, 0}},
    {"augment, diffaugment", augmented, 1, {{2, 4, 4, 3}}, .p = {1, 1}},
    {"augment, both, grey", augmented, 1, {{3, 4, 3, 1}}, .p = {2, 2}},
};

/* --- terms of a generator's loss, of images 1/p[1] as bright: charbonnier bends at 0.001 --- */

static gan_tensor *term(gan_tape *t, gan_tensor *const *x, const int *p) {
    const gan_term_inputs in = {.images = gan_scale(t, x[0], 1.0 / p[1]),
                                .target = gan_scale(t, x[1], 1.0 / p[1])};
    return gan_term_at(p[0])->run(t, &in);
}

static gan_tensor *apart(gan_tape *t, gan_tensor *const *x, const int *p) {
    (void)p;
    return gan_sub(t, x[0], x[1]);
}

static const gradcheck_row terms[] = {
    {"term l1", term, 2, {{2, 3, 2, 3}, {2, 3, 2, 3}}, .p = {0, 1}, .inside = apart},
    {"term l2", term, 2, {{2, 3, 2, 3}, {2, 3, 2, 3}}, .p = {1, 1}},
    {"term charbonnier", term, 2, {{2, 3, 2, 3}, {2, 3, 2, 3}}, .p = {2, 1000}},
};

#define CHECK(rows)                                                                                \
    static void check_##rows(void **state) {                                                       \
        (void)state;                                                                               \
        gradcheck_run(#rows, rows, COUNT(rows));                                                   \
    }
CHECK(factors)
CHECK(sizes)
CHECK(windows)
CHECK(maps)
CHECK(augmentations)
CHECK(terms)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_factors),       cmocka_unit_test(check_sizes),
        cmocka_unit_test(check_windows),       cmocka_unit_test(check_maps),
        cmocka_unit_test(check_augmentations), cmocka_unit_test(check_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
