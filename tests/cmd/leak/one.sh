# One snapshot: what waits, who holds the lock it waits for, shapes that are known.
prof leak testdata/shapes.go1.27.debug2.txt
prof leak --large=3 testdata/shapes.go1.22.debug2.txt
prof leak -v testdata/shapes.go1.27.crash.txt
