# SPDX-License-Identifier: MIT
"""RQ: jobs that succeed, depend on others, fail and are tried again, wait for their time."""

import datetime
import os

import redis
from rq import Queue, Retry, SimpleWorker
from rq.registry import FailedJobRegistry, ScheduledJobRegistry

client = redis.Redis(port=int(os.environ["PORT"]))
queue = Queue(connection=client)


def work():
    SimpleWorker([queue], connection=client).work(burst=True, logging_level="CRITICAL")


one = queue.enqueue("math.gcd", 4, 6)
two = queue.enqueue("math.gcd", 8, 12, depends_on=one)
bad = queue.enqueue("math.sqrt", -1, retry=Retry(max=1))
queue.enqueue_in(datetime.timedelta(hours=1), "math.sqrt", 4)
work()
for job in (one, two, bad):
    job.refresh()
assert (one.return_value(), two.return_value()) == (2, 4)
assert bad.is_failed and bad.id in FailedJobRegistry(queue=queue)
assert len(ScheduledJobRegistry(queue=queue)) == 1
queue.enqueue_many([Queue.prepare_data("math.gcd", (number, 6)) for number in range(20)])
assert len(queue) == 20
work()
assert len(queue) == 0
print("all is well")
