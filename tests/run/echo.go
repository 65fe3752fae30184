// SPDX-License-Identifier: BSD-2-Clause

// tests/run/echo.go - "serve ADDRESS": sends back what it gets; "ask ADDRESS BYTES": "good" if it all came back,
// a deadline ended a read that nothing answers, and a name that nobody has was not found.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

func fail(what string, err error) {
	fmt.Println("bad", what, err)
	os.Exit(1)
}

func serve(address string) {
	l, err := net.Listen("tcp4", address)
	if err != nil {
		fail("listen", err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			fail("accept", err)
		}
		go func() {
			io.Copy(c, c)
			c.Close()
		}()
	}
}

func send(c net.Conn, size int, sum chan<- string) {
	h := sha256.New()
	block := make([]byte, 10007)
	for left := size; left > 0; {
		n := min(left, len(block))
		for i := range block[:n] {
			block[i] = byte(left + i*7)
		}
		h.Write(block[:n])
		if _, err := c.Write(block[:n]); err != nil {
			fail("write", err)
		}
		left -= n
	}
	c.(*net.TCPConn).CloseWrite()
	sum <- string(h.Sum(nil))
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func deadline(address string) {
	c, err := net.Dial("tcp4", address)
	if err != nil {
		fail("dial", err)
	}
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	if e, ok := err.(net.Error); !ok || !e.Timeout() {
		fail("deadline", err)
	}
	c.Close()
}

func ask(address string, size int) {
	c, err := net.Dial("tcp4", address)
	if err != nil {
		fail("dial", err)
	}
	sum := make(chan string)
	go send(c, size, sum)
	h := sha256.New()
	if _, err := io.Copy(h, c); err != nil {
		fail("read", err)
	}
	if want := <-sum; string(h.Sum(nil)) != want {
		fail("content", nil)
	}
	deadline(address)
	if _, err := net.LookupHost("nobody.example"); err == nil {
		fail("name", nil)
	}
	fmt.Println("good")
}

func main() {
	if os.Args[1] == "serve" {
		serve(os.Args[2])
	}
	size, _ := strconv.Atoi(os.Args[3])
	ask(os.Args[2], size)
}
