#!lua name=lock
-- SPDX-License-Identifier: MIT
-- Locks with an owner and a lifetime, reentrant by owner.
--
--   FUNCTION LOAD "$(cat lock.lua)"
--   FCALL lock_acquire 1 lock:job 5f2c… 30000     how deep the owner is in now; 0: somebody else's
--   FCALL lock_extend  1 lock:job 5f2c… 30000     1, or 0 when the owner does not hold it
--   FCALL lock_release 1 lock:job 5f2c…           how deep it still is; 0: free; -1: not the owner's
--   FCALL_RO lock_owner 1 lock:job                the owner's token, or nil
--
-- The key holds the token, as SET key token NX PX lifetime writes it, so that clients which lock that
-- way and these functions keep each other out. From the second depth on it holds "token;depth=2":
-- somebody's compare-and-delete of the bare token then does not free what is still in use.

local LONGEST = 2 ^ 53 -- ms; numbers beyond are not exact

local function check_token(token)
  if not token or token == '' or string.find(token, ';depth=%d+$') then
    error({err = 'ERR a lock\'s token may be neither empty nor end with a depth'})
  end
  return token
end

local function check_lifetime(text)
  local lifetime = tonumber(text)
  if not lifetime or lifetime < 1 or lifetime > LONGEST or lifetime ~= math.floor(lifetime) then
    error({err = 'ERR a lock\'s lifetime is a whole number of milliseconds, 1 or more'})
  end
  return string.format('%.0f', lifetime)
end

-- The token that holds the key, and how deep; nil when it is free.
local function read(key)
  local value = redis.call('GET', key)
  if not value then
    return nil, 0
  end
  local token, depth = string.match(value, '^(.+);depth=(%d+)$')
  if token then
    return token, tonumber(depth)
  end
  return value, 1
end

local function write(key, token, depth, ...)
  if depth > 1 then
    token = token .. ';depth=' .. depth
  end
  redis.call('SET', key, token, ...)
end

local function lock_acquire(keys, args)
  local token, lifetime = check_token(args[1]), check_lifetime(args[2])
  local owner, depth = read(keys[1])
  if owner and owner ~= token then
    return 0
  end
  write(keys[1], token, depth + 1, 'PX', lifetime)
  return depth + 1
end

local function lock_release(keys, args)
  local token = check_token(args[1])
  local owner, depth = read(keys[1])
  if owner ~= token then
    return -1
  end
  if depth == 1 then
    redis.call('DEL', keys[1])
  else
    write(keys[1], token, depth - 1, 'KEEPTTL')
  end
  return depth - 1
end

local function lock_extend(keys, args)
  local token, lifetime = check_token(args[1]), check_lifetime(args[2])
  if read(keys[1]) ~= token then
    return 0
  end
  return redis.call('PEXPIRE', keys[1], lifetime)
end

local function lock_owner(keys, args)
  local owner = read(keys[1])
  return owner or false
end

redis.register_function('lock_acquire', lock_acquire)
redis.register_function('lock_release', lock_release)
redis.register_function('lock_extend', lock_extend)
redis.register_function{function_name = 'lock_owner', callback = lock_owner, flags = {'no-writes'}}
