# SPDX-License-Identifier: MIT
"""What tests look like with understudy_fixtures."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def test_a_lock_is_free_after_its_time(redis_client, clock):
    assert redis_client.set("lock", "a", nx=True, px=30000)
    clock.advance(29999)
    assert not redis_client.set("lock", "b", nx=True, px=30000)
    clock.advance(1)
    assert redis_client.set("lock", "b", nx=True, px=30000)


def test_the_next_test_finds_nothing_of_it(redis_client):
    assert redis_client.dbsize() == 0


def test_a_lost_reply_is_not_a_lost_write(redis_client, understudy_address, faults):
    host, port = understudy_address
    # Newer versions would send it a second time by themselves.
    with redis.Redis(host=host, port=port, retry=Retry(NoBackoff(), 0)) as client:
        # redis-py sends INCRBY for incr().
        faults.add("lost", "COMMAND", "incrby", "TIMES", 1, "CLOSE", "AFTER")
        with pytest.raises(redis.ConnectionError):
            client.incr("n")
        assert client.incr("n") == 2
    assert faults.hits("lost") == 1


def test_neither_is_the_fault_left(redis_client):
    assert redis_client.incr("n") == 1
