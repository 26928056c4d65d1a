// SPDX-License-Identifier: MIT

// Package understudytest gives each test a Redis server of its own. Needs nothing but Go's library.
//
//	func TestLock(t *testing.T) {
//		t.Parallel()
//		server := understudytest.Start(t)
//		client := redis.NewClient(&redis.Options{Addr: server.Addr})
//		server.Mock("CLOCK", "FREEZE")
//		...
//		server.Mock("CLOCK", "ADVANCE", 30000)
//	}
//
// A server starts in two or three milliseconds, so that there is nothing to reset. Copy the
// directory into a module. The program is the one that UNDERSTUDY names, or understudy on PATH.
package understudytest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Server is an understudy that ends with the test that started it.
type Server struct {
	Addr string // "127.0.0.1:41234"
	URL  string // "redis://127.0.0.1:41234"
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// Start runs a server on a free port, with more words for its command line if there are any.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	program := os.Getenv("UNDERSTUDY")
	if program == "" {
		program = "understudy"
	}
	words := []string{"--port", "0", "--exit-with-parent", "--ready-fd", "1", "--logfile", "/dev/null"}
	command := exec.Command(program, append(words, options...)...)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not get ready: %v", program, err)
	}
	address := strings.Fields(line)
	s := &Server{Addr: net.JoinHostPort(address[0], address[1]), t: t}
	s.URL = "redis://" + s.Addr
	if s.conn, err = net.Dial("tcp", s.Addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	s.in = bufio.NewReader(s.conn)
	return s
}

// Mock runs a subcommand of MOCK. An error that is answered ends the test.
func (s *Server) Mock(words ...any) any {
	s.t.Helper()
	reply, err := s.Do(append([]any{"MOCK"}, words...)...)
	if err != nil {
		s.t.Fatalf("MOCK %v: %v", words, err)
	}
	return reply
}

// Do runs any command: a string, an int64, a []any or nil, or the error that is answered.
func (s *Server) Do(words ...any) (any, error) {
	request := fmt.Sprintf("*%d\r\n", len(words))
	for _, word := range words {
		text := fmt.Sprint(word)
		request += fmt.Sprintf("$%d\r\n%s\r\n", len(text), text)
	}
	if _, err := io.WriteString(s.conn, request); err != nil {
		return nil, err
	}
	return s.read()
}

func (s *Server) read() (any, error) {
	line, err := s.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, text := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '+':
		return text, nil
	case '-':
		return nil, fmt.Errorf("%s", text)
	}
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || kind == ':':
		return number, err
	case number < 0:
		return nil, nil
	case kind == '$':
		data := make([]byte, number+2)
		_, err = io.ReadFull(s.in, data)
		return string(data[:number]), err
	}
	elements := make([]any, number)
	for i := range elements {
		if elements[i], err = s.read(); err != nil {
			return nil, err
		}
	}
	return elements, nil
}
