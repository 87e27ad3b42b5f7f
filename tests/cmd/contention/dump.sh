# Who seems to hold what others wait for, by the addresses in a dump.
for v in 1.22 1.27; do
	prof contention --idle testdata/shapes.go$v.debug2.txt
	echo
done
prof contention --json testdata/shapes.go1.27.debug2.txt | grep -o '"now_held_by": {[^}]*}'
# Three locks of one site; the two sides of an RWMutex, whose address only writers show.
prof contention testdata/shards.go1.27.debug2.txt
prof contention --json testdata/shards.go1.27.debug2.txt | grep -o '"locks_now": [[][{].*' | grep -o '"address": "[^"]*", "object": [^,]*, "waiting": [0-9]*'
# Whom an accept loop started waits for requests; who called waits for an answer.
cat >server.txt <<'END'
goroutine 7 [IO wait]:
internal/poll.runtime_pollWait(0x7f30c0a41e30, 0x72)
	runtime/netpoll.go:351 +0x85
internal/poll.(*FD).Accept(0xc00011e000)
	internal/poll/fd_unix.go:620 +0x295
net.(*TCPListener).Accept(0xc00012e000)
	net/tcpsock.go:380 +0x30
main.(*server).serve(0xc000012345)
	shop/serve.go:18 +0x2c
created by main.main in goroutine 1
	shop/serve.go:99 +0x1c

goroutine 8 [IO wait, 3 minutes]:
internal/poll.runtime_pollWait(0x7f30c0a41d18, 0x72)
	runtime/netpoll.go:351 +0x85
internal/poll.(*FD).Read(0xc00011e080, {0xc000140000, 0x1000, 0x1000})
	internal/poll/fd_unix.go:165 +0x27a
bufio.(*Reader).ReadString(0xc00013cf20, 0x0?)
	bufio/bufio.go:490 +0x18
main.(*server).handle(0xc000012345, {0x5a1b28, 0xc000014090})
	shop/serve.go:29 +0x9f
created by main.(*server).serve in goroutine 7
	shop/serve.go:22 +0x4d

goroutine 9 [IO wait]:
internal/poll.runtime_pollWait(0x7f30c0a41c00, 0x72)
	runtime/netpoll.go:351 +0x85
internal/poll.(*FD).Read(0xc00011e100, {0xc000141000, 0x1000, 0x1000})
	internal/poll/fd_unix.go:165 +0x27a
bufio.(*Reader).ReadString(0xc00013cf80, 0x0?)
	bufio/bufio.go:490 +0x18
main.(*client).call(0xc000012400)
	shop/serve.go:53 +0x9f
main.busy({0x4e7f0a, 0xe})
	shop/serve.go:59 +0x65
created by main.main in goroutine 1
	shop/serve.go:103 +0x8d

END
prof contention --idle server.txt
