/* SPDX-License-Identifier: MIT
 *
 * mlp_mnist - a fully connected GAN on handwritten digits, with a loop of its own.
 *
 *     mlp_mnist DATA OUT_DIR [NAME VALUE]...        e.g. mlp_mnist mnist digits epochs 20
 *
 * DATA is MNIST's train-images-idx3-ubyte (or .gz), or the folder where it is. gan_run() would keep
 * a run in a folder, log it and resume it, as dcgan_faces.c shows. Here the program itself takes
 * the steps, which is the way into one that has other plans: a window, a server, an experiment. */
#include <stdio.h>
#include <sys/stat.h>

#include <gan.h>

static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    gan_config_init(c);
    gan_status s = gan_config_set(c, "arch", "mlp", err);
    if (!s) s = gan_config_set(c, "data", data, err);
    c->height = c->width = 28;
    c->channels = 1;
    c->nz = 64;
    c->epochs = 20;
    c->sample_every = 200;
    if (!s) s = gan_config_set_all(c, count, words, err);
    return s ? s : gan_config_resolve(c, err);
}

/* Pictures of the same 64 latent vectors each time, so that one sees them grow. */
static gan_status show(gan_trainer *tr, const gan_report *r, const char *dir, gan_error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%06lld.png", dir, (long long)r->step);
    printf("step %lld  d_loss %.3f  g_loss %.3f  %s\n", (long long)r->step, r->d_loss, r->g_loss,
           path);
    return gan_trainer_write_samples(tr, path, err);
}

/* One step is n_critic updates of the discriminator and one of the generator. */
static gan_status train(gan_trainer *tr, const char *dir, gan_error *err) {
    char g_path[4096], d_path[4096];
    gan_report report = {0};
    gan_status s = gan_trainer_initialise(tr, err);
    while (!s && !gan_trainer_done(tr)) {
        s = gan_trainer_step(tr, &report, err);
        int64_t every = gan_trainer_config(tr)->sample_every;
        if (!s && every && report.step % every == 0) s = show(tr, &report, dir, err);
    }
    if (!s) s = show(tr, &report, dir, err);
    snprintf(g_path, sizeof g_path, "%s/generator.safetensors", dir);
    snprintf(d_path, sizeof d_path, "%s/discriminator.safetensors", dir);
    return s ? s : gan_trainer_save_networks(tr, g_path, d_path, err);
}

int main(int argc, char **argv) {
    gan_config config;
    gan_dataset *data = NULL;
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_trainer *tr = NULL;
    gan_error err = {0};
    if (argc < 3 || argc % 2 == 0)
        return fprintf(stderr, "usage: mlp_mnist DATA OUT_DIR [NAME VALUE]...\n"), 2;
    mkdir(argv[2], 0777); /* if that fails, the first picture says so */

    gan_status s = configure(&config, argv[1], argc - 3, (const char *const *)argv + 3, &err);
    gan_network_config of_g = gan_config_generator(&config);
    gan_network_config of_d = gan_config_discriminator(&config);
    if (!s) s = gan_config_open_data(&config, &data, &err);
    if (!s) s = gan_generator_create(&of_g, &g, &err);
    if (!s) s = gan_discriminator_create(&of_d, &d, &err);
    if (!s) s = gan_trainer_create(&config, g, d, data, &tr, &err);
    if (!s) s = train(tr, argv[2], &err);
    if (s) fprintf(stderr, "mlp_mnist: %s\n", err.text);

    gan_trainer_free(tr); /* before what it borrows */
    gan_discriminator_free(d);
    gan_generator_free(g);
    gan_dataset_free(data);
    return s ? 1 : 0;
}
