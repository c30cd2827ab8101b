/* SPDX-License-Identifier: MIT
 *
 * gan/config.h - every setting of a training run.
 *
 * One table (gan_option_at) describes each setting: its name, type, range, default and meaning. The
 * command line, its help, config.json and the checks of a resumed run all read that table. A
 * program sets fields of the struct directly, or by name from text. */
#ifndef GAN_CONFIG_H
#define GAN_CONFIG_H

#include "gan/augment.h"
#include "gan/network.h"
#include "gan/penalty.h"
#include "gan/schedule.h"
#include "gan/term.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GAN_TEXT 1024

/* For the settings that a preset or a loss's recipe has: take it from there. In texts: "recipe". */
#define GAN_FROM_RECIPE (-1)

typedef struct gan_config {
    size_t size; /* sizeof(gan_config) */
    /* data */
    char data[GAN_TEXT];
    char background[8]; /* "ffffff": red, green, blue behind transparent pixels */
    int64_t height, width, channels;
    int flip, strict, class_folders;
    double max_bad, holdout;
    int64_t cache_mib, image_mib;
    char task[32];
    char data_b[GAN_TEXT]; /* cycle: the other set */
    int64_t scale;         /* superres: how much larger; 2 or 4 */
    int direction;         /* translate: 0 from the left half to the right, 1 back */
    /* networks */
    char arch[GAN_ARCH_NAME];
    char arch_g[GAN_ARCH_NAME], arch_d[GAN_ARCH_NAME]; /* "auto", "": that of both */
    int64_t nz, features;
    int64_t depth;
    int norm_g, norm_d; /* gan_norm_kind */
    int spectral_g, spectral_d;
    int64_t stddev, pack;
    int64_t attention;
    int condition_g, condition_d; /* gan_condition */
    int64_t classes;              /* 0: see gan_config_take_classes() */
    int init;                     /* gan_init */
    double dropout, dropout_g;
    char init_from[GAN_TEXT];
    /* objective */
    char loss[32];
    char preset[32];
    int saturating;
    char smooth[GAN_SCHEDULE_TEXT]; /* all of these are schedules: gan/schedule.h */
    char noise[GAN_SCHEDULE_TEXT];
    char mode_seeking[GAN_SCHEDULE_TEXT];
    char classify[GAN_SCHEDULE_TEXT];
    char augment[GAN_AUGMENT_TEXT];    /* gan_augment_parse() */
    char augment_p[GAN_SCHEDULE_TEXT]; /* a schedule, "auto" */
    double augment_target, augment_images;
    char penalty[GAN_PENALTIES_TEXT]; /* gan_penalties_parse(); "recipe" */
    int64_t penalty_every;
    double clip;
    char adversarial[GAN_SCHEDULE_TEXT]; /* weight of the objective in G's loss */
    char add[GAN_TERMS_TEXT];            /* gan_terms_parse() */
    char vgg[GAN_TEXT];                  /* gan_vgg_load() */
    int64_t image_pool;                  /* cycle */
    /* optimization */
    int optimizer; /* gan_optimizer_kind, or GAN_FROM_RECIPE */
    char lr_g[GAN_SCHEDULE_TEXT], lr_d[GAN_SCHEDULE_TEXT]; /* schedules; "recipe" */
    double beta1, beta2, eps, clip_norm, weight_decay, ema;
    int64_t batch, accumulate;
    char n_critic[GAN_SCHEDULE_TEXT]; /* a schedule, "auto"; "recipe" */
    double balance_min, balance_max, balance_target;
    int64_t balance_window, balance_patience;
    int uniform_z;
    /* the run */
    int64_t steps, epochs; /* 0: no limit (see gan_config_epochs) */
    double max_minutes;    /* 0: no limit */
    int64_t seed, threads;
    int64_t sample_every, checkpoint_every; /* 0: only at the end */
    int64_t sample_count, holdout_every;    /* holdout_every 0: never */
    int conv;                               /* gan_conv_method */
    int64_t doctor_every, rollback;         /* doctor_every 0: no doctor */
} gan_config;

/* Fills in the table's defaults. */
GAN_API void gan_config_init(gan_config *c);

/* Sets one setting from text. GAN_EINVAL names the option, the value and what is allowed. */
GAN_API gan_status gan_config_set(gan_config *c, const char *name, const char *value,
                                  gan_error *err);

/* Sets several: `count` words, each name followed by its value. Stops at the first that fails; GAN_EINVAL
 * also where the last has no value. */
GAN_API gan_status gan_config_set_all(gan_config *c, int count, const char *const words[],
                                      gan_error *err);

/* Takes from the preset, then from the loss's recipe what has been left to them, and checks
 * everything that does not need the data: ranges, names, combinations (batch norm under a gradient
 * penalty is GAN_EMODEL). */
GAN_API gan_status gan_config_resolve(gan_config *c, gan_error *err);

/* The settings as a JSON object, one a line, in the table's order (gan_config_free_text); and back.
 * Unknown names are refused. */
GAN_API char *gan_config_to_json(const gan_config *c);
GAN_API void gan_config_free_text(char *text);
GAN_API gan_status gan_config_from_json(gan_config *c, const char *text, gan_error *err);
GAN_API gan_status gan_config_read(gan_config *c, const char *path, gan_error *err);

/* The first setting that differs and would make a resumed run another run; NULL: none. Both
 * resolved. */
GAN_API const char *gan_config_conflict(const gan_config *a, const gan_config *b);

/* The value of a setting as text, into text[size]. */
GAN_API void gan_config_get(const gan_config *c, const char *name, char *text, size_t size);

/* The epochs in force: those that are set, and 25 when nothing limits the run; 0: no limit. */
GAN_API int64_t gan_config_epochs(const gan_config *c);

/* The colour of `background`; GAN_EINVAL when it is not six hexadecimal digits. */
GAN_API gan_status gan_config_background(const gan_config *c, unsigned char rgb[3], gan_error *err);

/* Descriptions of generator and discriminator. With a condition they want `classes`. */
GAN_API gan_network_config gan_config_generator(const gan_config *c);
GAN_API gan_network_config gan_config_discriminator(const gan_config *c);

/* A row of the table, for programs that offer the settings. Static; NULL past the last. */
typedef struct gan_option {
    const char *name, *argument; /* argument NULL: a flag */
    const char *fallback;        /* default, as text */
    const char *group, *help;
} gan_option;

GAN_API const gan_option *gan_option_at(int i);

#ifdef __cplusplus
}
#endif
#endif
