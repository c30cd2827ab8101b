/* SPDX-License-Identifier: MIT
 *
 * sample - draws new pictures with a trained generator.
 *
 *     sample MODEL OUT.png [SEED]       e.g. sample runs/faces-1 new.png 7
 *
 * MODEL is a generator.safetensors, or the folder of a run. The same seed gives the same pictures.
 */
#include <stdio.h>
#include <stdlib.h>

#include <gan.h>

enum { COLUMNS = 8, COUNT = 64 };

int main(int argc, char **argv) {
    gan_error err = {0};
    gan_generator *g = NULL;
    if (argc < 3) return fprintf(stderr, "usage: sample MODEL OUT.png [SEED]\n"), 2;
    gan_status s = gan_generator_load(argv[1], &g, &err);
    if (s) return fprintf(stderr, "sample: %s\n", err.text), 1;

    const gan_network_config *n = gan_generator_config(g);
    int h = (int)n->height, w = (int)n->width, c = (int)n->channels;
    gan_real *z = calloc(COUNT * (size_t)n->nz, sizeof *z); /* where a picture starts: nz numbers */
    gan_real *images = calloc(COUNT * (size_t)(h * w * c), sizeof *images);
    if (!z || !images) s = GAN_ENOMEM;

    if (!s) gan_sample_noise(g, argc > 3 ? strtoull(argv[3], NULL, 10) : 1, 0, COUNT, z);
    if (!s) s = gan_sample(g, z, NULL, COUNT, images, 0, &err);
    if (!s) s = gan_image_write_grid(argv[2], COUNT, h, w, c, images, COLUMNS, &err);
    if (s) fprintf(stderr, "sample: %s\n", err.code ? err.text : gan_status_text(s));

    free(images);
    free(z);
    gan_generator_free(g);
    return s ? 1 : 0;
}
