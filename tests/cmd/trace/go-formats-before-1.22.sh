# The sums are those of what `go tool trace -d=parsed` of Go 1.27 prints.
for f in holds.go1.19 mix.go1.21; do
	prof trace events --format=parsed "$TESTDATA/$f.trace" >parsed
	md5sum <parsed
	wc -l <parsed
done
prof trace events --format=parsed -g 1 --kind 'Task|GoStatus|Syscall' "$TESTDATA/mix.go1.21.trace" | grep ^M= | head -8
head -c 3000 "$TESTDATA/holds.go1.19.trace" >cut
prof trace events --format=parsed cut >parsed
echo "$?"
wc -l <parsed
