/* SPDX-License-Identifier: MIT
 *
 * super_resolution - pictures four times as large, learnt from a folder of pictures.
 *
 *     super_resolution DATA_DIR OUT_DIR IN OUT.png [NAME VALUE]...
 *
 * Trains SRGAN's generator (arXiv:1609.04802) in two parts of one run: first on the pixels alone,
 * while the discriminator rests, then with it. Both are a schedule of one number, the weight of the
 * adversarial loss. Then it makes a picture of any size larger, in tiles. */
#include <stdio.h>
#include <stdlib.h>

#include <gan.h>

static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    static const char *const ours[] = {"task",         "superres",
                                       "scale",        "4",
                                       "size",         "64",
                                       "width",        "32",
                                       "depth",        "4",
                                       "batch",        "16",
                                       "init",         "he",
                                       "add",          "charbonnier:1",
                                       "adversarial",  "0@0,0.001@2000",
                                       "flip",         "true",
                                       "steps",        "3000",
                                       "sample-every", "500"};
    gan_config_init(c);
    gan_status s = gan_config_set(c, "data", data, err);
    if (!s) s = gan_config_set_all(c, (int)(sizeof ours / sizeof *ours), ours, err);
    if (!s) s = gan_config_set_all(c, count, words, err);
    return s ? s : gan_config_resolve(c, err);
}

static int tell(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user, (void)tr;
    if (r->step % 100) return 0;
    printf("step %lld  pixels %.4f", (long long)r->step, r->terms[0].value);
    if (r->n_critic) printf("  D %.3f", r->d_loss);
    putchar('\n');
    return 0;
}

/* A run that is there already is gone on with. */
static gan_status train(const gan_config *c, const char *out, gan_generator *g, gan_error *err) {
    gan_network_config of_d = gan_config_discriminator(c);
    gan_discriminator *d = NULL;
    gan_dataset *data = NULL;
    gan_trainer *tr = NULL;
    gan_callbacks call = {.after_step = tell};
    gan_status s = gan_discriminator_create(&of_d, &d, err);
    if (!s) s = gan_config_open_data(c, &data, err);
    if (!s) s = gan_trainer_create(c, g, d, data, &tr, err);
    if (!s) s = gan_run(tr, out, gan_run_exists(out), &call, err);
    gan_trainer_free(tr);
    gan_dataset_free(data);
    gan_discriminator_free(d);
    return s;
}

/* A tile sees 48 pixels beyond its borders: more than this network looks, so there are no seams. */
static gan_status enlarge(gan_generator *g, const char *in, const char *out, gan_error *err) {
    const gan_network_config *n = gan_generator_config(g);
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    gan_image image;
    o.channels = (int)n->source_channels;
    gan_status s = gan_image_read(in, &o, &image, err);
    if (s) return s;
    size_t small = (size_t)(image.width * image.height * image.channels);
    int scale = (int)(n->height / n->source_height);
    size_t large = small * (size_t)(scale * scale);
    gan_real *x = malloc(small * sizeof *x), *y = malloc(large * sizeof *y);
    uint8_t *bytes = malloc(large);
    s = GAN_ENOMEM;
    if (x && y && bytes) {
        gan_image_to_real(image.pixels, small, x);
        s = gan_apply(g, x, image.height, image.width, 128, 48, 0, y, 0, err);
        gan_image_from_real(y, large, bytes);
        if (!s)
            s = gan_image_write_png(out, image.height * scale, image.width * scale, image.channels,
                                    bytes, err);
    }
    free(x);
    free(y);
    free(bytes);
    gan_image_free(&image);
    return s;
}

int main(int argc, char **argv) {
    gan_config config;
    gan_generator *g = NULL;
    gan_error err = {0};
    if (argc < 5 || argc % 2 == 0)
        return fprintf(stderr, "usage: super_resolution DATA OUT_DIR IN OUT.png [NAME VALUE]...\n"),
               2;
    gan_status s = configure(&config, argv[1], argc - 5, (const char *const *)argv + 5, &err);
    gan_network_config of_g = gan_config_generator(&config);
    if (!s) s = gan_generator_create(&of_g, &g, &err);
    if (!s) s = train(&config, argv[2], g, &err);
    if (!s) s = enlarge(g, argv[3], argv[4], &err);
    if (s) fprintf(stderr, "super_resolution: %s\n", err.code ? err.text : gan_status_text(s));
    gan_generator_free(g);
    return s ? 1 : 0;
}
