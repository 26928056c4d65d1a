/* SPDX-License-Identifier: MIT */
#include "net/job_queue.h"

void job_queue_init(struct job_queue *queue)
{
    *queue = (struct job_queue){.is_open = true};
    pthread_mutex_init(&queue->mutex, NULL);
}

void job_queue_clear(struct job_queue *queue)
{
    pthread_mutex_destroy(&queue->mutex);
}

void job_queue_close(struct job_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_open = false;
    pthread_mutex_unlock(&queue->mutex);
    job_queue_run(queue);
}

bool job_queue_put(struct job_queue *queue, struct job *job)
{
    pthread_mutex_lock(&queue->mutex);
    bool is_taken = queue->is_open;
    if (is_taken)
        list_append(&queue->jobs, &job->node);
    pthread_mutex_unlock(&queue->mutex);
    return is_taken;
}

static struct job *take(struct job_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct list_node *node = list_first(&queue->jobs);
    if (node)
        list_remove(&queue->jobs, node);
    pthread_mutex_unlock(&queue->mutex);
    return node ? LIST_ENTRY(node, struct job, node) : NULL;
}

void job_queue_run(struct job_queue *queue)
{
    for (struct job *job; (job = take(queue)) != NULL;)
        job->run(job);
}
