// SPDX-License-Identifier: MIT

package understudytest

import (
	"reflect"
	"strings"
	"testing"
)

// What tests look like, with Do in the place of a client.

func (s *Server) expect(want any, words ...any) {
	s.t.Helper()
	got, err := s.Do(words...)
	if err != nil {
		got = err.Error()
	}
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("%v: %v, not %v", words, got, want)
	}
}

func TestLockIsFreeAfterItsTime(t *testing.T) {
	t.Parallel()
	server := Start(t)
	server.Mock("CLOCK", "FREEZE")
	server.expect("OK", "SET", "lock", "a", "NX", "PX", 30000)
	server.Mock("CLOCK", "ADVANCE", 29999)
	server.expect(nil, "SET", "lock", "b", "NX", "PX", 30000)
	server.Mock("CLOCK", "ADVANCE", 1)
	server.expect("OK", "SET", "lock", "b", "NX", "PX", 30000)
}

func TestEachTestHasItsOwn(t *testing.T) {
	t.Parallel()
	server := Start(t, "--emulate", "7.0")
	server.expect([]any{}, "KEYS", "*")
	server.expect("OK", "SET", "lock", "of this test")
}

func TestServerFailsOnOrder(t *testing.T) {
	t.Parallel()
	server := Start(t)
	server.Mock("FAULT", "ADD", "once", "COMMAND", "incr", "TIMES", 1, "ERROR", "LOADING wait")
	server.expect("LOADING wait", "INCR", "n")
	server.expect(int64(1), "INCR", "n")
	server.Mock("FAULT", "ADD", "lost", "COMMAND", "incr", "TIMES", 1, "CLOSE", "AFTER")
	if reply, err := server.Do("INCR", "n"); err == nil {
		t.Errorf("the connection is still there: %v", reply)
	}
}

func TestCallsAreVerified(t *testing.T) {
	server := Start(t)
	server.Mock("EXPECT", "set", "COMMAND", "set", "TIMES", 1)
	server.expect("OK", "SET", "k", "v")
	if unmet := server.Mock("VERIFY").([]any); len(unmet) != 0 {
		t.Errorf("unmet: %v", unmet)
	}
	if !strings.HasPrefix(server.URL, "redis://") {
		t.Error(server.URL)
	}
}
