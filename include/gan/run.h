/* SPDX-License-Identifier: MIT
 *
 * gan/run.h - a whole training run in a folder: what `gan train` does.
 *
 * The folder gets
 *   config.json                 the settings in force; gan_config_read() takes them back
 *   log.jsonl                   a line a step, the fields of gan_report by name; and a line for each
 *                               finding: {"step": 7, "finding": "tiny-data", "text": "..."}
 *   samples/NNNNNN.png          a grid of the fixed noise after that step
 *   checkpoint.safetensors      all state
 *   rollback.safetensors        with the setting rollback: the state that a rollback goes to
 *   generator.safetensors       the two networks, for use elsewhere; the generator averaged if
 *   discriminator.safetensors   there is an average
 *
 * A run that diverges (GAN_EDIVERGED) ends there, or, with the setting rollback, goes back to its last
 * periodic checkpoint (checkpoint_every; 0: to the start), not to one of a stop, and on from there
 * with both learning rates halved; so often in the whole run at most. What was logged since is cut
 * off, as when a run is resumed. The line of the finding stands at the step that it went back to and
 * has "rollback": its number. The number is in the checkpoint, which is written anew at once, so that
 * a run killed at any moment goes the same way again.
 *
 * A resumed run is the same, byte for byte, as one that was never stopped, but for the two timings
 * in the log, and for a sample grid at the step where it was stopped. */
#ifndef GAN_RUN_H
#define GAN_RUN_H

#include "gan/doctor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called from gan_run; each may be NULL. One that returns other than 0 asks to stop: the run saves
 * and returns GAN_ESTOPPED. */
typedef struct gan_callbacks {
    void *user;
    int (*before_step)(void *user, gan_trainer *tr);
    int (*after_step)(void *user, gan_trainer *tr, const gan_report *r);
    int (*on_sample)(void *user, gan_trainer *tr, const char *path); /* a grid has been written */
    int (*on_log)(void *user, const char *line);                     /* a line of log.jsonl */
    int (*on_save)(void *user, gan_trainer *tr,
                   const char *path); /* a checkpoint has been written */
    /* the doctor has found something, see gan/doctor.h */
    int (*on_finding)(void *user, gan_trainer *tr, const gan_finding *f);
} gan_callbacks;

/* Starts a run in `dir`, or resumes the one that is there, and trains until it is done. An existing
 * run is GAN_EEXIST without resume; a missing one GAN_EIO with it. The trainer is one that
 * gan_trainer_create made, its weights not yet drawn. */
GAN_API gan_status gan_run(gan_trainer *tr, const char *dir, int resume,
                           const gan_callbacks *callbacks, gan_error *err);

/* Does `dir` hold a run: a checkpoint, or a log with lines? (Not what is left of a start that was
 * cut short before its first checkpoint: that is begun again.) */
GAN_API int gan_run_exists(const char *dir);

#ifdef __cplusplus
}
#endif
#endif
