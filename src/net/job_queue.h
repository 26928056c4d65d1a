/* SPDX-License-Identifier: MIT */
/*
 * What other threads want done on the loop's.
 *
 *     struct job_queue queue;
 *     job_queue_init(&queue);
 *     if (job_queue_put(&queue, &job->job)) wake the loop ...      // on any thread
 *     job_queue_run(&queue);                                       // on the loop's, now and then
 *     job_queue_close(&queue);                                     // nothing is taken any more
 *     job_queue_clear(&queue);
 */
#ifndef UNDERSTUDY_NET_JOB_QUEUE_H
#define UNDERSTUDY_NET_JOB_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/list.h"

/* Embedded in what its owner knows of it, who keeps it until it has run. */
struct job {
    struct list_node node;
    void (*run)(struct job *job);
};

struct job_queue {
    pthread_mutex_t mutex; /* guards all below */
    struct list jobs;      /* of struct job, oldest first */
    bool is_open;
};

/* Jobs are taken from now on. */
void job_queue_init(struct job_queue *queue);
void job_queue_clear(struct job_queue *queue);

/* No more jobs are taken; those that are there are run here. */
void job_queue_close(struct job_queue *queue);

/* False: it is closed. Else the job will be run once. */
bool job_queue_put(struct job_queue *queue, struct job *job);

/* Runs those that are there. A job may be freed or put again by its own run. */
void job_queue_run(struct job_queue *queue);

#endif
