# A dump is a profile: its reports are those of the profile taken at the same moment, but for the
# runtime's own frames, which dumps leave out.
for t in t0 t1 t2 t3; do
	prof top -cum -focus=main.leak -show=main.leak "testdata/leaky.goroutine.$t.debug2.txt.gz" |
		grep main.leak >dump
	prof top -cum -focus=main.leak -show=main.leak "testdata/leaky.goroutine.$t.pb.gz" |
		grep main.leak >profile
	cmp dump profile && cat dump
done
for v in 1.22 1.26 1.27; do
	prof tags "testdata/shapes.go$v.debug2.txt"
done
