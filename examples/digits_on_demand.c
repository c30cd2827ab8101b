/* SPDX-License-Identifier: MIT
 *
 * digits_on_demand - a generator that is told what to draw.
 *
 *     digits_on_demand DATA OUT_DIR DIGITS [NAME VALUE]...   e.g. digits_on_demand mnist run 31415926
 *
 * DATA is a folder with MNIST's training files, images and labels. The generator has a learned
 * vector for each class beside its latent one, the discriminator a projection
 * (arXiv:1802.05637). When it has been trained, OUT_DIR/digits.png holds the number that was asked
 * for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gan.h>

static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    static const char *const ours[] = {
        "size",        "28",     "channels",     "1",          "width",        "16",
        "condition-g", "concat", "condition-d",  "projection", "beta1",        "0.5",
        "lr-g",        "4e-4",   "lr-d",         "1e-4",       "ema",          "0.999",
        "steps",       "4000",   "sample-every", "500",        "sample-count", "100"};
    gan_config_init(c);
    gan_status s = gan_config_set(c, "data", data, err);
    if (!s) s = gan_config_set_all(c, (int)(sizeof ours / sizeof *ours), ours, err);
    if (!s) s = gan_config_set_all(c, count, words, err);
    return s ? s : gan_config_resolve(c, err);
}

static int tell(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user, (void)tr;
    if (r->step % 100 == 0)
        printf("step %lld  D %.3f  G %.3f\n", (long long)r->step, r->d_loss, r->g_loss);
    return 0;
}

/* The number of classes is the data set's: it is open before the networks are made. */
static gan_status train(gan_config *c, const char *out, gan_error *err) {
    gan_dataset *data = NULL;
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_trainer *tr = NULL;
    gan_callbacks call = {.after_step = tell};
    gan_status s = gan_config_open_data(c, &data, err);
    if (!s) s = gan_config_take_classes(c, data, err);
    gan_network_config of_g = gan_config_generator(c), of_d = gan_config_discriminator(c);
    if (!s) s = gan_generator_create(&of_g, &g, err);
    if (!s) s = gan_discriminator_create(&of_d, &d, err);
    if (!s) s = gan_trainer_create(c, g, d, data, &tr, err);
    if (!s) s = gan_run(tr, out, gan_run_exists(out), &call, err);
    gan_trainer_free(tr);
    gan_discriminator_free(d);
    gan_generator_free(g);
    gan_dataset_free(data);
    return s;
}

/* The run's generator is an average of its weights: better than those that training ended with. */
static gan_status draw(const char *dir, const char *digits, gan_error *err) {
    char path[4096];
    gan_generator *g = NULL;
    gan_status s = gan_generator_load(dir, &g, err);
    if (s) return s;
    const gan_network_config *n = gan_generator_config(g);
    size_t count = strlen(digits), image = (size_t)(n->height * n->width * n->channels);
    int *labels = calloc(count, sizeof *labels);
    gan_real *z = calloc(count * (size_t)n->nz, sizeof *z);
    gan_real *images = calloc(count * image, sizeof *images);
    s = GAN_ENOMEM;
    if (labels && z && images) {
        for (size_t i = 0; i < count; i++) labels[i] = digits[i] - '0';
        gan_sample_noise(g, 7, 0, count, z);
        s = gan_sample(g, z, labels, count, images, 0, err);
        snprintf(path, sizeof path, "%s/digits.png", dir);
        if (!s)
            s = gan_image_write_grid(path, (int)count, (int)n->height, (int)n->width,
                                     (int)n->channels, images, (int)count, err);
    }
    free(labels);
    free(z);
    free(images);
    gan_generator_free(g);
    return s;
}

int main(int argc, char **argv) {
    gan_config config;
    gan_error err = {0};
    if (argc < 4 || argc % 2 || !*argv[3] || argv[3][strspn(argv[3], "0123456789")])
        return fprintf(stderr, "usage: digits_on_demand DATA OUT_DIR DIGITS [NAME VALUE]...\n"), 2;
    gan_status s = configure(&config, argv[1], argc - 4, (const char *const *)argv + 4, &err);
    if (!s) s = train(&config, argv[2], &err);
    if (!s) s = draw(argv[2], argv[3], &err);
    if (s) fprintf(stderr, "digits_on_demand: %s\n", err.code ? err.text : gan_status_text(s));
    return s ? 1 : 0;
}
