/* SPDX-License-Identifier: MIT
 *
 * translation - one kind of picture made of another, learnt from pairs.
 *
 *     translation PAIRS_DIR OUT_DIR IN OUT.png [NAME VALUE]...
 *
 * Each picture of PAIRS_DIR is a pair, side by side. Trains pix2pix (arXiv:1611.07004), a U-Net against a
 * discriminator of patches, right halves into left ones; then translates a picture, brought to the
 * networks' size. Without pairs, CycleGAN (arXiv:1703.10593) learns both ways from two folders:
 *
 *     translation A_DIR OUT_DIR IN OUT.png task cycle data-b B_DIR add cycle:10+identity:5 */
#include <stdio.h>
#include <stdlib.h>

#include <gan.h>

static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    static const char *const ours[] = {
        "task",  "translate", "direction", "ba",     "size",  "64",   "width",        "32",
        "batch", "4",         "add",       "l1:100", "flip",  "true", "lr-g",         "2e-4",
        "lr-d",  "2e-4",      "beta1",     "0.5",    "steps", "3000", "sample-every", "500"};
    gan_config_init(c);
    gan_status s = gan_config_set(c, "data", data, err);
    if (!s) s = gan_config_set_all(c, (int)(sizeof ours / sizeof *ours), ours, err);
    if (!s) s = gan_config_set_all(c, count, words, err);
    return s ? s : gan_config_resolve(c, err);
}

/* The terms of the generator's loss are known by name: l1, or cycle and identity. */
static int tell(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user, (void)tr;
    if (r->step % 100) return 0;
    printf("step %lld  D %.3f  G %.3f", (long long)r->step, r->d_loss, r->g_loss);
    for (int i = 0; i < r->term_count; i++)
        printf("  %s %.3f", r->terms[i].name, r->terms[i].value);
    printf("\n");
    return 0;
}

static gan_status train(const gan_config *c, const char *out, gan_error *err) {
    gan_network_config of_g = gan_config_generator(c), of_d = gan_config_discriminator(c);
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_dataset *data = NULL;
    gan_trainer *tr = NULL;
    gan_callbacks call = {.after_step = tell};
    gan_status s = gan_generator_create(&of_g, &g, err);
    if (!s) s = gan_discriminator_create(&of_d, &d, err);
    if (!s) s = gan_config_open_data(c, &data, err);
    if (!s) s = gan_trainer_create(c, g, d, data, &tr, err);
    if (!s) s = gan_run(tr, out, gan_run_exists(out), &call, err);
    gan_trainer_free(tr);
    gan_dataset_free(data);
    gan_discriminator_free(d);
    gan_generator_free(g);
    return s;
}

static gan_status translate(gan_generator *g, const gan_image *in, const char *out,
                            gan_error *err) {
    const gan_network_config *n = gan_generator_config(g);
    size_t source = (size_t)(in->height * in->width * in->channels);
    size_t result = (size_t)(n->height * n->width * n->channels);
    gan_real *x = malloc(source * sizeof *x), *y = malloc(result * sizeof *y);
    gan_status s = GAN_ENOMEM;
    if (x && y) {
        gan_image_to_real(in->pixels, source, x);
        s = gan_apply(g, x, in->height, in->width, 0, 0, 0, y, 0, err);
        if (!s)
            s = gan_image_write_grid(out, 1, (int)n->height, (int)n->width, (int)n->channels, y, 1,
                                     err);
    }
    free(x);
    free(y);
    return s;
}

/* The run's own generator, read as another program would. */
static gan_status translate_with(const char *run, const char *in, const char *out, gan_error *err) {
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    gan_image image = {0};
    gan_generator *g = NULL;
    gan_status s = gan_generator_load(run, &g, err);
    if (s) return s;
    const gan_network_config *n = gan_generator_config(g);
    o.height = (int)n->source_height, o.width = (int)n->source_width;
    o.channels = (int)n->source_channels;
    s = gan_image_read(in, &o, &image, err);
    if (!s) s = translate(g, &image, out, err);
    gan_image_free(&image);
    gan_generator_free(g);
    return s;
}

int main(int argc, char **argv) {
    gan_config config;
    gan_error err = {0};
    if (argc < 5 || argc % 2 == 0)
        return fprintf(stderr, "usage: translation PAIRS OUT_DIR IN OUT.png [NAME VALUE]...\n"), 2;
    gan_status s = configure(&config, argv[1], argc - 5, (const char *const *)argv + 5, &err);
    if (!s) s = train(&config, argv[2], &err);
    if (!s) s = translate_with(argv[2], argv[3], argv[4], &err);
    if (s) fprintf(stderr, "translation: %s\n", err.code ? err.text : gan_status_text(s));
    return s ? 1 : 0;
}
