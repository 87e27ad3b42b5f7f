cat >dump <<'END'
fatal error: all goroutines are asleep - deadlock!

goroutine 1 [sync.WaitGroup.Wait]:
sync.runtime_SemacquireWaitGroup(0xc000012345?, 0x0?)
	runtime/sema.go:114 +0x2e
sync.(*WaitGroup).Wait(0xc000012340)
	sync/waitgroup.go:206 +0x85
main.main()
	shop/main.go:40 +0x1d

goroutine 7 [sync.Mutex.Lock]:
internal/sync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)
	runtime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(0xc000056010)
	internal/sync/mutex.go:149 +0x15d
sync.(*Mutex).Lock(...)
	sync/mutex.go:46
main.(*account).give(0xc000056000, 0xc000056100, 0x5)
	shop/main.go:12 +0x49
created by main.main in goroutine 1
	shop/main.go:30 +0xc5

goroutine 8 [sync.Mutex.Lock, 3 minutes]:
internal/sync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)
	runtime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(0xc000056110)
	internal/sync/mutex.go:149 +0x15d
sync.(*Mutex).Lock(...)
	sync/mutex.go:46
main.(*account).take(0xc000056100, 0xc000056000, 0x5)
	shop/main.go:22 +0x49
created by main.main in goroutine 1
	shop/main.go:31 +0xc5
END
prof leak -v dump
prof leak --json dump | grep -E '"deadlock"|"all_asleep"'
