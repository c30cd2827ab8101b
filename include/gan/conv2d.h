/* SPDX-License-Identifier: MIT
 *
 * gan/conv2d.h - two-dimensional convolution and its two adjoints.
 *
 * With stride and padding fixed, the three are the derivatives of one trilinear form T(x,w,y): y =
 * dT/dy is the convolution, x = dT/dx its input gradient (the transposed convolution of a
 * generator), w = dT/dw its weight gradient. So the gradient of each is made of the other two, to
 * any order.
 *
 * x [N,H,W,C], w [K,KH,KW,C], y [N,OH,OW,K], OH = (H + 2 pad_h - KH) / stride_h + 1 (rounded down),
 * likewise OW. NULL with GAN_ESHAPE or GAN_EINVAL on the tape when shapes or geometry do not fit.
 */
#ifndef GAN_CONV2D_H
#define GAN_CONV2D_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In pixels; zeros are put around x. */
typedef struct gan_window {
    int stride_h, stride_w, pad_h, pad_w;
} gan_window;

/* How the convolutions of a tape are computed; the choice alters the last digits of a result.
 *
 * X(code, name, text) */
#define GAN_CONV_LIST(X)                                                                           \
    X(GAN_CONV_AUTO, "auto", "by the shape: the fewest multiplications where they pay")            \
    X(GAN_CONV_DIRECT, "direct", "one product for each tap; relative error 2e-7")                  \
    X(GAN_CONV_WINOGRAD, "winograd", "2 to 4 times fewer products where there is a form; 1e-6")

typedef enum gan_conv_method {
#define GAN_CONV_CODE(code, name, text) code,
    GAN_CONV_LIST(GAN_CONV_CODE)
#undef GAN_CONV_CODE
} gan_conv_method;

/* For the convolutions from now on, also after a reset, their gradients included. A tape begins
 * with GAN_CONV_AUTO. */
GAN_API void gan_tape_conv(gan_tape *t, gan_conv_method method);

/* The same stride and padding in both directions. */
GAN_API gan_window gan_window_square(int stride, int pad);

/* y of x and w. */
GAN_API gan_tensor *gan_conv2d(gan_tape *t, gan_tensor *x, gan_tensor *w, gan_window g);

/* x, of size h by w, of y and w. (Several sizes of x give the same size of y when stride > 1.) */
GAN_API gan_tensor *gan_conv2d_input(gan_tape *t, gan_tensor *y, gan_tensor *w, gan_window g,
                                     int64_t height, int64_t width);

/* w, of size [K,kh,kw,C], of x and y. */
GAN_API gan_tensor *gan_conv2d_weight(gan_tape *t, gan_tensor *x, gan_tensor *y, gan_window g,
                                      int64_t kh, int64_t kw);

/* The transposed convolution as networks use it: gan_conv2d_input with height (OH-1) stride_h - 2
 * pad_h + KH + output_pad. */
GAN_API gan_tensor *gan_conv_transpose2d(gan_tape *t, gan_tensor *y, gan_tensor *w, gan_window g,
                                         int output_pad);

#ifdef __cplusplus
}
#endif
#endif
