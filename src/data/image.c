/* SPDX-License-Identifier: MIT */
#include "gan/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/deflate.h"
#include "data/image.h"
#include "data/pixels.h"
#include "data/stb.h"

#define MAX_PIXELS ((size_t)1 << 30) /* of an image written or asked for */

/* --- options --- */

static gan_status check_options(const gan_image_options *given, gan_image_options *o,
                                gan_error *err) {
    *o = (gan_image_options)GAN_IMAGE_OPTIONS_DEFAULTS;
    if (!given) return GAN_OK;
    memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    if (o->width < 0 || o->height < 0 || !o->width != !o->height)
        return gan__fail(err, GAN_EINVAL, "image size %d x %d: give both sides or neither",
                         o->width, o->height);
    if (o->width && (size_t)o->width > MAX_PIXELS / 4 / (size_t)o->height)
        return gan__fail(err, GAN_EINVAL, "image size %d x %d is too large", o->width, o->height);
    if (o->channels != 0 && o->channels != 1 && o->channels != 3)
        return gan__fail(err, GAN_EINVAL, "image channels %d: 1 or 3", o->channels);
    if (o->max_side < 1 || o->max_side > 65535 || o->max_pixels < 1 || o->max_pixels > MAX_PIXELS)
        return gan__fail(err, GAN_EINVAL,
                         "image limits: max_side %d is not in 1..65535 or max_pixels "
                         "%zu not in 1..%zu",
                         o->max_side, o->max_pixels, MAX_PIXELS);
    if (o->memory_mib > 65536)
        return gan__fail(err, GAN_EINVAL, "image limits: memory_mib %zu is over 65536",
                         o->memory_mib);
    return GAN_OK;
}

/* --- reading --- */

static gan_status unknown(const char *name, gan_error *err) {
    if (name)
        return gan__fail(err, GAN_EUNSUPPORTED, "%s is not read; JPEG, PNG, BMP and PNM are", name);
    return gan__fail(err, GAN_EFORMAT, "not a JPEG, PNG, BMP or PNM image");
}

static gan_status decode(gan__bytes file, const gan_image_options *o, gan__picture *p,
                         gan_error *err) {
    const char *name;
    *p = (gan__picture){.orientation = 1};
    if (!file.size) return gan__fail(err, GAN_EFORMAT, "the file is empty");
    gan__decode_fn *decoder = gan__format_detect(file, &name);
    gan_status s = decoder ? decoder(file, o, p, err) : unknown(name, err);
    if (!s) gan__composite(p, o->background);
    return s;
}

/* Ends the decoding: `p` is released in any case. */
static gan_status finish(gan_status s, gan__picture *p, const gan_image_options *o,
                         gan_image *image, gan_error *err) {
    if (!s) s = gan__fit(p, o, image, err);
    gan__free(p->pixels);
    if (s) gan_image_free(image);
    return s;
}

gan_status gan_image_decode(const void *data, size_t size, const gan_image_options *options,
                            gan_image *image, gan_error *err) {
    gan_image_options o;
    gan__picture p;
    *image = (gan_image){0};
    gan_status s = check_options(options, &o, err);
    if (s) return s;
    return finish(decode((gan__bytes){data, size}, &o, &p, err), &p, &o, image, err);
}

/* Looks at the beginning alone, so that a large file of another kind costs nothing; a pipe or
 * device is not even opened. */
static gan_status sniff(const char *path, int *is_image, gan_error *err) {
    struct stat st;
    uint8_t first[32];
    const char *name;
    *is_image = 0;
    if (stat(path, &st)) return gan__fail(err, GAN_EIO, "cannot open: %s", strerror(errno));
    if (!S_ISREG(st.st_mode)) return gan__fail(err, GAN_EIO, "not a regular file");
    FILE *f = fopen(path, "rb");
    if (!f) return gan__fail(err, GAN_EIO, "cannot open: %s", strerror(errno));
    setvbuf(f, NULL, _IONBF, 0);
    size_t n = fread(first, 1, sizeof first, f);
    int bad = ferror(f);
    fclose(f);
    if (bad) return gan__fail(err, GAN_EIO, "cannot read");
    if (!n) return gan__fail(err, GAN_EFORMAT, "the file is empty");
    gan__decode_fn *decoder = gan__format_detect((gan__bytes){first, n}, &name);
    *is_image = name != NULL;
    return decoder ? GAN_OK : unknown(name, err);
}

gan_status gan__image_load(const char *path, const gan_image_options *options, gan_image *image,
                           int *is_image, gan_error *err) {
    gan_image_options o;
    gan__picture p;
    unsigned char *data;
    size_t size;
    *image = (gan_image){0};
    *is_image = 0;
    gan_status s = check_options(options, &o, err);
    if (!s) s = sniff(path, is_image, err);
    if (!s) s = gan__file_read(path, 16 * o.max_pixels + 16 * 1024 * 1024, &data, &size, err);
    if (s) return s;
    s = decode((gan__bytes){data, size}, &o, &p, err);
    gan__free(data);
    return finish(s, &p, &o, image, err);
}

gan_status gan_image_read(const char *path, const gan_image_options *options, gan_image *image,
                          gan_error *err) {
    int is_image;
    gan_status s = gan__image_load(path, options, image, &is_image, err);
    return s && s != GAN_ENOMEM && s != GAN_EINVAL ? gan__prefix(err, s, "%s", path) : s;
}

void gan_image_free(gan_image *image) {
    if (!image) return;
    gan__free(image->pixels);
    *image = (gan_image){0};
}

/* --- writing --- */

gan_status gan_image_write_png(const char *path, int height, int width, int channels,
                               const uint8_t *pixels, gan_error *err) {
    if (height < 1 || width < 1 || (channels != 1 && channels != 3) ||
        (size_t)height > MAX_PIXELS / 4 / (size_t)width)
        return gan__fail(err, GAN_EINVAL, "cannot write %d x %d pixels of %d channels as PNG",
                         width, height, channels);
    size_t size;
    uint8_t *png = gan__stb_png(pixels, width, height, channels, &size);
    if (!png) return gan__fail_memory(err);
    gan__writer w;
    gan_status s = gan__writer_open(&w, path, err);
    if (!s) {
        gan__writer_put(&w, png, size);
        s = gan__writer_commit(&w, err);
    }
    gan__free(png);
    return s;
}

void gan_image_from_real(const gan_real *x, size_t count, uint8_t *bytes) {
    for (size_t i = 0; i < count; i++) {
        double v = ((double)x[i] + 1.0) * 127.5 + 0.5;
        bytes[i] = v >= 255.0 ? 255 : v > 0.0 ? (uint8_t)v : 0;
    }
}

void gan_image_to_real(const uint8_t *bytes, size_t count, gan_real *x) {
    for (size_t i = 0; i < count; i++) x[i] = (gan_real)(bytes[i] / 127.5 - 1.0);
}

/* --- grids --- */

#define GAP 2

gan_status gan_image_write_grid(const char *path, int n, int height, int width, int channels,
                                const gan_real *pixels, int columns, gan_error *err) {
    if (n < 1 || columns < 1 || height < 1 || width < 1 || (channels != 1 && channels != 3))
        return gan__fail(err, GAN_EINVAL, "a grid of %d pictures %d x %d x %d in %d columns", n,
                         height, width, channels, columns);
    int rows = (n - 1) / columns + 1;
    if (columns > n) columns = n;
    size_t pitch = (size_t)width + GAP, down = (size_t)height + GAP, c = (size_t)channels;
    size_t w = (size_t)columns * pitch + GAP, h = (size_t)rows * down + GAP;
    if (w > MAX_PIXELS / 4 / h)
        return gan__fail(err, GAN_EINVAL, "a grid of %zu x %zu pixels is too large", w, h);
    uint8_t *sheet = gan__zalloc(w * h, c);
    if (!sheet) return gan__fail_memory(err);
    for (size_t i = 0; i < (size_t)rows * (size_t)columns; i++)
        for (size_t y = 0; y < (size_t)height; y++) {
            size_t top = i / (size_t)columns * down + GAP + y;
            uint8_t *to = sheet + (top * w + i % (size_t)columns * pitch + GAP) * c;
            const size_t row = (size_t)width * c;
            if (i < (size_t)n)
                gan_image_from_real(pixels + (i * (size_t)height + y) * row, row, to);
            else
                memset(to, 255, row);
        }
    gan_status s = gan_image_write_png(path, (int)h, (int)w, channels, sheet, err);
    gan__free(sheet);
    return s;
}
