/* SPDX-License-Identifier: MIT
 *
 * dcgan_faces - trains a DCGAN on a folder of pictures: the tour of the library.
 *
 *     dcgan_faces DATA_DIR OUT_DIR [NAME VALUE]...
 *     dcgan_faces faces runs/tour width 32 steps 5000
 *
 * A GAN is two networks that learn from each other. The generator G turns random numbers z into a
 * picture; the discriminator D looks at a picture and says how real it seems. They take turns: D
 * learns to tell the pictures in DATA_DIR from those of G, and G learns to make D call its own
 * real. Neither wins for long, and the pictures get better.
 *
 * NAME VALUE is any setting that `gan train --help` lists. Build with: pkg-config --cflags --libs
 * gan */
#include <stdio.h>
#include <stdlib.h>

#include <gan.h>

/* 1. The settings. One struct holds all of them; a program sets its fields, or names them. */
static gan_status configure(gan_config *c, const char *data, int count, const char *const *words,
                            gan_error *err) {
    gan_config_init(c);
    gan_status s = gan_config_set(c, "data", data, err);
    c->features = 32;    /* channels next to the image: the size of both networks */
    c->max_minutes = 10; /* unless `steps` or `epochs` end the run before */
    c->sample_every = 100;
    if (!s) s = gan_config_set_all(c, count, words, err);
    return s ? s : gan_config_resolve(c, err); /* fills in what has been left open, and checks */
}

/* 2. The pictures: all image files below a folder, cropped and resized to one size. A few are held
 * out, and training never sees them: does D know them all the same? */
static gan_status open_pictures(const gan_config *c, gan_dataset **data, gan_error *err) {
    gan_status s = gan_config_open_data(c, data, err);
    if (s) return s;
    printf("%zu pictures to learn from, %zu held out, %zu bad\n", gan_dataset_train_count(*data),
           gan_dataset_holdout_count(*data), gan_dataset_bad_count(*data));
    return GAN_OK;
}

/* 3. The two networks, of sizes that the settings give. */
static gan_status build(const gan_config *c, gan_generator **g, gan_discriminator **d,
                        gan_error *err) {
    gan_network_config of_g = gan_config_generator(c), of_d = gan_config_discriminator(c);
    gan_status s = gan_generator_create(&of_g, g, err);
    return s ? s : gan_discriminator_create(&of_d, d, err);
}

/* 4. What to do meanwhile. A score is D's opinion: above 0 it takes a picture for real. When it
 * can no longer be fooled, score_fake stays far below score_real. */
static int after_step(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user, (void)tr;
    if (r->step % 20 == 0)
        printf("step %lld  d_loss %.3f  g_loss %.3f  real %+.2f  fake %+.2f  %.0f images/s\n",
               (long long)r->step, r->d_loss, r->g_loss, r->score_real, r->score_fake,
               r->images_per_second);
    return 0; /* another value ends the run, which is saved first */
}

static int on_sample(void *user, gan_trainer *tr, const char *path) {
    (void)user, (void)tr;
    printf("pictures in %s\n", path);
    return 0;
}

/* 5. The run: trains, and keeps config, log, pictures and weights in a folder. One that is there
 * already is gone on with, as if it had never stopped. */
static gan_status train(const gan_config *c, const char *out, gan_generator *g,
                        gan_discriminator *d, gan_dataset *data, gan_error *err) {
    gan_callbacks call = {.after_step = after_step, .on_sample = on_sample};
    gan_trainer *tr = NULL;
    gan_status s = gan_trainer_create(c, g, d, data, &tr, err);
    if (!s) s = gan_run(tr, out, gan_run_exists(out), &call, err);
    gan_trainer_free(tr);
    return s;
}

/* 6. New pictures from the trained generator. (sample.c does it from the file of a run.) */
static gan_status sample(gan_generator *g, const char *out, gan_error *err) {
    enum { COUNT = 16 };
    char path[4096];
    const gan_network_config *n = gan_generator_config(g);
    gan_real *z = calloc(COUNT * (size_t)n->nz, sizeof *z);
    gan_real *images = calloc(COUNT * (size_t)(n->height * n->width * n->channels), sizeof *images);
    gan_status s = GAN_ENOMEM;
    if (z && images) {
        gan_sample_noise(g, 1234, 0, COUNT, z);
        s = gan_sample(g, z, NULL, COUNT, images, 0, err);
        snprintf(path, sizeof path, "%s/new.png", out);
        if (!s)
            s = gan_image_write_grid(path, COUNT, (int)n->height, (int)n->width, (int)n->channels,
                                     images, 4, err);
    }
    free(z);
    free(images);
    return s;
}

int main(int argc, char **argv) {
    gan_config config;
    gan_dataset *data = NULL;
    gan_generator *g = NULL;
    gan_discriminator *d = NULL;
    gan_error err = {0}; /* the first thing that goes wrong says here what it was */
    if (argc < 3 || argc % 2 == 0)
        return fprintf(stderr, "usage: dcgan_faces DATA_DIR OUT_DIR [NAME VALUE]...\n"), 2;

    gan_status s = configure(&config, argv[1], argc - 3, (const char *const *)argv + 3, &err);
    if (!s) s = open_pictures(&config, &data, &err);
    if (!s) s = build(&config, &g, &d, &err);
    if (!s) s = train(&config, argv[2], g, d, data, &err);
    if (!s) s = sample(g, argv[2], &err);
    if (s) fprintf(stderr, "dcgan_faces: %s\n", err.code ? err.text : gan_status_text(s));

    gan_discriminator_free(d); /* what has been created is freed; NULL is nothing */
    gan_generator_free(g);
    gan_dataset_free(data);
    return s ? 1 : 0;
}
