/* SPDX-License-Identifier: MIT
 *
 * image_nets.c - writes, for each case of image_cases.h, the network's file as gan_generator_save()
 * or gan_discriminator_save() makes it, and what libgan makes of the input: by direct convolutions,
 * and in training mode by the faster ones too. Part of image_nets.sh.
 * usage: image_nets DIR small|full|CASE */
#include <stdio.h>
#include <stdlib.h>

#include "image_cases.h"

#include "gan/checkpoint.h"
#include "gan/conv2d.h"
#include "gan/layer.h"
#include "gan/safetensors.h"

static void die(const char *what, const char *why) {
    fprintf(stderr, "image_nets: %s: %s\n", what, why);
    exit(1);
}

/* Weights as large as they are in use: the papers' are, where networks are wide. All else as in a
 * trained network, and all different. */
static void draw(const image_case *k, image_net *net) {
    gan_parameters *p = image_net_parameters(net);
    gan_parameters_initialise(p, image_is_full(k) ? GAN_INIT_NORMAL : GAN_INIT_HE, 3, 1);
    gan_spectral_update(net->g ? gan_generator_root(net->g) : gan_discriminator_root(net->d), 5);
    for (int i = 0; i < p->count; i++) {
        gan_parameter *q = &p->item[i];
        gan_rng r = gan_rng_make(4, 2, (uint64_t)i);
        int positive = q->role == GAN_ROLE_SCALE || q->role == GAN_ROLE_VAR;
        if (q->counter) *q->counter = 3;
        if (!q->value || q->role == GAN_ROLE_WEIGHT || q->role == GAN_ROLE_DIRECTION) continue;
        gan_rng_fill_uniform(&r, gan_tensor_edit(q->value), (size_t)gan_tensor_size(q->value),
                             positive ? 0.5 : -0.5, positive ? 1.5 : 0.5);
    }
}

static void add(gan_safetensors_writer *w, const char *name, const gan_tensor *x) {
    int64_t dim[4];
    for (int i = 0; i < gan_tensor_rank(x); i++) dim[i] = gan_tensor_dim(x, i);
    gan_safetensors_writer_add(w, name, GAN_DTYPE_REAL, gan_tensor_rank(x), dim,
                               gan_tensor_data(x));
}

static void write_results(const image_case *k, image_net *net, const char *path) {
    gan_tape *t = gan_tape_create(2);
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    gan_error err;
    gan_tape_record(t, !image_is_full(k));
    gan_tape_conv(t, GAN_CONV_DIRECT);
    gan_tensor *x = image_input(t, k), *eval = image_net_run(t, net, x, 0),
               *train = image_net_run(t, net, x, 1);
    gan_tensor *grad = image_is_full(k) ? NULL : image_gradient(t, x, train);
    gan_tape_conv(t, GAN_CONV_AUTO);
    gan_tensor *fast = image_net_run(t, net, x, 1);
    if (gan_tape_status(t)) die(k->name, gan_tape_error(t)->text);
    add(w, "x", x);
    add(w, "eval", eval);
    add(w, "train", train);
    add(w, "fast", fast);
    if (grad) add(w, "grad", grad);
    if (gan_safetensors_writer_write(w, path, &err)) die(path, err.text);
    gan_safetensors_writer_free(w);
    gan_tape_free(t);
}

static void dump(const image_case *k, const char *dir) {
    image_net net;
    gan_error err;
    char path[4096];
    if (image_net_open(k, &net, &err)) die(k->name, err.text);
    draw(k, &net);
    snprintf(path, sizeof path, "%s/net_%s.safetensors", dir, k->name);
    if (net.g ? gan_generator_save(net.g, path, &err) : gan_discriminator_save(net.d, path, &err))
        die(path, err.text);
    snprintf(path, sizeof path, "%s/results_%s.safetensors", dir, k->name);
    write_results(k, &net, path);
    image_net_close(&net);
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage", "image_nets DIR small|full|CASE");
    for (size_t i = 0; i < IMAGE_CASES; i++) {
        const image_case *k = &image_cases[i];
        if (!strcmp(argv[2], image_is_full(k) ? "full" : "small") || !strcmp(argv[2], k->name))
            dump(k, argv[1]);
    }
    return 0;
}
