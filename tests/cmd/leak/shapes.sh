# The same moment as a profile, as its text, and as a dump: every group is there in each.
for v in 1.22 1.26; do
	prof leak -v --every=1m testdata/shapes.go$v.goroutine.pb.gz testdata/shapes.go$v.debug2.txt | grep -v '^    '
done
prof leak -v --every=1m testdata/shapes.go1.27.goroutine.pb.gz testdata/shapes.go1.27.goroutine.debug1.txt \
	testdata/shapes.go1.27.debug2.txt | grep -v '^    '
