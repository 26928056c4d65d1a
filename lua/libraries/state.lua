#!lua name=state
-- SPDX-License-Identifier: MIT
-- States with versions: a value at one key, the count of its savings at another of the same slot.
--
--   FUNCTION LOAD "$(cat state.lua)"
--   FCALL state_save 2 state:job {state:job}:version VALUE 0          the new version
--   FCALL state_save_if_version 2 state:job {state:job}:version VALUE 0 7
--                                                        {1, the new version} or {0, the present one}
--   FCALL_RO state_load 2 state:job {state:job}:version               {value, version}, or nil
--   FCALL state_delete 2 state:job {state:job}:version                whether there was one
--
-- The word behind the value is the state's lifetime in milliseconds, 0 for ever. A state that is absent has
-- version 0. One that was written by a plain SET counts as version 1 until it is saved here. The
-- count outlives the state by a day, so that who waited long does not meet an old version anew.

local GRACE = 24 * 60 * 60 * 1000 -- ms
local HIGHEST = 2 ^ 53 -- numbers beyond are not exact

local function check_number(text, what)
  local number = tonumber(text)
  if not number or number < 0 or number > HIGHEST or number ~= math.floor(number) then
    error({err = 'ERR a state\'s ' .. what .. ' is a whole number, 0 or more'})
  end
  return number
end

-- What is no string is no state: STRLEN raises an error, so that it is neither replaced nor deleted.
local function is_there(key)
  return redis.call('STRLEN', key) > 0 or redis.call('EXISTS', key) == 1
end

local function present_version(keys)
  if not is_there(keys[1]) then
    return 0
  end
  return tonumber(redis.call('GET', keys[2]) or 1)
end

local function save(keys, value, lifetime, version)
  version = math.max(version, tonumber(redis.call('GET', keys[2]) or 0)) + 1
  if lifetime > 0 then
    redis.call('SET', keys[1], value, 'PX', string.format('%.0f', lifetime))
    redis.call('SET', keys[2], version, 'PX', string.format('%.0f', lifetime + GRACE))
  else
    redis.call('SET', keys[1], value)
    redis.call('SET', keys[2], version)
  end
  return version
end

local function check_value(value)
  if not value then
    error({err = 'ERR a state\'s value is missing'})
  end
  return value
end

local function state_save(keys, args)
  local value, lifetime = check_value(args[1]), check_number(args[2] or 0, 'lifetime')
  return save(keys, value, lifetime, present_version(keys))
end

local function state_save_if_version(keys, args)
  local value, lifetime = check_value(args[1]), check_number(args[2], 'lifetime')
  local expected = check_number(args[3], 'version')
  local version = present_version(keys)
  if version ~= expected then
    return {0, version}
  end
  return {1, save(keys, value, lifetime, version)}
end

local function state_load(keys, args)
  local value = redis.call('GET', keys[1])
  if not value then
    return false
  end
  return {value, tonumber(redis.call('GET', keys[2]) or 1)}
end

local function state_delete(keys, args)
  if not is_there(keys[1]) then
    return 0
  end
  redis.call('PEXPIRE', keys[2], string.format('%.0f', GRACE))
  return redis.call('DEL', keys[1])
end

redis.register_function('state_save', state_save)
redis.register_function('state_save_if_version', state_save_if_version)
redis.register_function('state_delete', state_delete)
redis.register_function{function_name = 'state_load', callback = state_load, flags = {'no-writes'}}
