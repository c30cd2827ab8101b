/* SPDX-License-Identifier: MIT
 *
 * gan/layer.h - layers to build networks from. Each returns a module for gan_module_add(), whose
 * errors it shares.
 *
 *     gan_module *net = gan_sequential("main");
 *     gan_module_add(net, NULL, gan_conv_layer(3, 64, 4, 2, 1, 0));
 *     gan_module_add(net, NULL, gan_activation(GAN_LEAKY_RELU, 0.2));
 *
 * Parameters have PyTorch's names; weights are [out,in] (linear) and [K,KH,KW,C] (convolutions) in
 * memory, and in PyTorch's order in files. */
#ifndef GAN_LAYER_H
#define GAN_LAYER_H

#include "gan/module.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y = x w^T + b: [N,in] -> [N,out]. */
GAN_API gan_module *gan_linear(int64_t in, int64_t out, int bias);

/* Square kernels, the same stride and padding on all sides. [N,H,W,in] -> [N,OH,OW,out]; [N,in] is
 * taken as one pixel. */
GAN_API gan_module *gan_conv_layer(int64_t in, int64_t out, int kernel, int stride, int pad,
                                   int bias);
GAN_API gan_module *gan_conv_transpose_layer(int64_t in, int64_t out, int kernel, int stride,
                                             int pad, int output_pad, int bias);

/* Spectral normalisation (arXiv:1802.05957) of a linear layer, a convolution or a transposed one
 * that has just been made, and which it returns: the layer computes with W / sigma, sigma = u^T W
 * v, an estimate of the largest singular value of W. W is PyTorch's matrix: a row for each
 * output, a column for each input of one output. Of a layer made of such layers, as
 * gan_self_attention_2d is, each is normalised. Gradients flow through sigma, not into the unit
 * vectors u and v. Names are those of torch.nn.utils.parametrizations.spectral_norm:
 * "parametrizations.weight.original" for "weight", "parametrizations.weight.0._u" and "..._v".
 * GAN_EINVAL (gan_module_status): another kind of layer, or one that is normalised already. */
GAN_API gan_module *gan_spectral_norm(gan_module *layer);

/* `iterations` power iterations in every such layer of the tree, as PyTorch makes one in each
 * training pass:
 *
 *     u = W v / max(|W v|, 1e-12),   v = W^T u / max(|W^T u|, 1e-12).
 *
 * A forward pass makes none. Call it after drawing weights (15 times is PyTorch's way; before that
 * sigma is that of random directions, as good as none) and once before each update of the weights.
 * It changes u and v, so not between a forward pass and its gradients. */
GAN_API void gan_spectral_update(gan_module *root, int iterations);

/* Normalisation over channels, with a scale and a shift for each. eps 1e-5; batch norm's running
 * statistics move by 0.1 at each training pass, the variance unbiased, as PyTorch's. */
GAN_API gan_module *gan_batch_norm_layer(int64_t channels);
GAN_API gan_module *gan_group_norm_layer(int64_t groups, int64_t channels);
GAN_API gan_module *gan_layer_norm_layer(int64_t channels); /* one group: over H, W and C */
GAN_API gan_module *gan_instance_norm_layer(int64_t channels);
GAN_API gan_module *gan_plain_instance_norm_layer(int64_t channels); /* without scale and shift */

/* Layers that read the labels of the pass, a class number in [0,classes) for each image. GAN_EINVAL
 * on the tape where there are none, or one is out of range.
 *
 * Batch norm with scale and shift of each class (arXiv:1610.07629): "gamma.weight" and "beta.weight"
 * [classes,channels]. */
GAN_API gan_module *gan_conditional_batch_norm_layer(int64_t classes, int64_t channels);

/* The label's row of a table, "weight" [classes,features], behind x: [N,C] -> [N,C+features]; as a
 * plane, "weight" [classes,h*w]: [N,h,w,C] -> [N,h,w,C+1]; and its scalar product with x
 * (arXiv:1802.05637, eq. 3), which gan_spectral_norm() takes too: [N,features] -> [N]. */
GAN_API gan_module *gan_label_concat(int64_t classes, int64_t features);
GAN_API gan_module *gan_label_plane(int64_t classes, int64_t h, int64_t w);
GAN_API gan_module *gan_label_projection(int64_t classes, int64_t features);

/* Over the last axis alone, of each token by itself: [N,T,C], or of any rank from 2 on. PyTorch's
 * LayerNorm(C). */
GAN_API gan_module *gan_token_norm_layer(int64_t channels);

typedef enum gan_activation_kind {
    GAN_RELU,
    GAN_LEAKY_RELU, /* with `slope` below 0 */
    GAN_TANH,
    GAN_SIGMOID,
    GAN_GELU
} gan_activation_kind;

GAN_API gan_module *gan_activation(gan_activation_kind kind, double slope);

/* gan_prelu() of gan/pointwise.h, torch.nn.PReLU(): one slope for all channels, "weight" [1], which
 * starts at 0.25. */
GAN_API gan_module *gan_prelu_layer(void);

/* gan_maxout() of gan/shape.h (arXiv:1302.4389): behind a linear layer of pieces*k outputs, k units
 * of `pieces` linear pieces each. */
GAN_API gan_module *gan_maxout_layer(int64_t pieces);

/* Minibatch standard deviation (arXiv:1710.10196, section 3): [N,H,W,C] or [N,C] with one more
 * channel, the last, that tells how much the images of a group differ. The batch is cut into groups
 * of g images, g the largest divisor of N up to `group`; image n is in one with n + N/g, n + 2 N/g,
 * ..., as in StyleGAN's code. The channel's value, the same for all pixels and images of a group,
 * is
 *
 *     mean over H,W,C of sqrt(var_{group}(x) + 1e-8),   var biased: divided by g. */
GAN_API gan_module *gan_minibatch_stddev(int64_t group);

/* Self-attention among the pixels of an image (SAGAN, arXiv:1805.08318, eqs. 1 to 3): [N,H,W,C] to
 * the same shape,
 *
 *     y = x + gamma * out(o),   o_i = sum over the pixels j of softmax_j(query(x)_i . key(x)_j)
 *                                     value(x)_j,
 *
 * where query, key (to C/8 channels, rounded down, at least 1), value (to C/2) and out (back to C)
 * are convolutions 1x1 without bias, and gamma is a number that is learned and begins at 0. This is
 * the form of the paper's equations; the authors' code also halves the image before key and value.
 * Parameters "gamma" [1], "query.weight", "key.weight", "value.weight", "out.weight". Memory is
 * linear in the pixels, time is not. */
GAN_API gan_module *gan_self_attention_2d(int64_t channels);

/* Multi-head self-attention of tokens (arXiv:1706.03762, section 3.2.2): [N,T,E] to the same shape,
 * as PyTorch's MultiheadAttention(embed, heads, batch_first=True) of x, x, x, and with its
 * parameters: "in_proj_weight" [3E,E] and "in_proj_bias" [3E] (queries, keys, values), and
 * "out_proj.weight", "out_proj.bias". GAN_EINVAL: heads does not divide embed. */
GAN_API gan_module *gan_multi_head_attention(int64_t embed, int64_t heads);

/* A block of a transformer on tokens that lie as the pixels of images, [N,H,W,embed] to the same
 * shape (arXiv:2010.11929, eqs. 2, 3):
 *
 *     y = x + attention(norm1(x)),   y + fc2(gelu(fc1(norm2(y))))
 *
 * with children "norm1", "attn" (gan_multi_head_attention), "norm2", "mlp.fc1", "mlp.fc2". window 0:
 * each token sees all of its image; else those of its window of window x window, which divides the
 * sides. */
GAN_API gan_module *gan_transformer_block(int64_t embed, int64_t heads, int64_t hidden,
                                          int64_t window);

/* x + "weight" [h,w,c], which begins at 0: where in the image a token is. */
GAN_API gan_module *gan_position_layer(int64_t h, int64_t w, int64_t c);

/* One token more in front of an image's, learned, "weight" [C]: [N,H,W,C] to [N,1,1+H*W,C]; and that
 * token alone, [N,C]. */
GAN_API gan_module *gan_class_token(int64_t channels);
GAN_API gan_module *gan_first_token(void);

/* Sets elements to 0 with probability p and divides the others by 1-p, in training passes that have
 * an rng. */
GAN_API gan_module *gan_dropout(double p);

/* [N,H,W,C] -> [N,H*W*C] and back. Memory keeps the order H,W,C; a linear layer next to one of
 * these is permuted in files, which hold PyTorch's C,H,W. */
GAN_API gan_module *gan_flatten(int64_t h, int64_t w, int64_t c);
GAN_API gan_module *gan_unflatten(int64_t h, int64_t w, int64_t c);

/* The operations of gan/resample.h. */
GAN_API gan_module *gan_upsample_layer(int factor);
GAN_API gan_module *gan_average_pool_layer(int factor);
GAN_API gan_module *gan_max_pool_layer(int kernel, int stride, int pad);
GAN_API gan_module *gan_pixel_shuffle_layer(int factor);
GAN_API gan_module *gan_resize_layer(int factor); /* bilinear, sides `factor` times as long */
GAN_API gan_module *gan_reflection_pad_layer(int64_t pad); /* on all sides */
GAN_API gan_module *gan_replication_pad_layer(int64_t pad);
GAN_API gan_module *gan_global_sum_pool(void); /* [N,H,W,C] -> [N,C] */

#ifdef __cplusplus
}
#endif
#endif
