# No pipe, no device, nothing that is too large is opened; names do not reach the terminal raw.
mkfifo pipe.go
mkdir dir.go
ln -s /dev/zero zero.go
truncate -s 65M big.go
for name in pipe.go dir.go zero.go big.go /dev/stdin /dev/zero /proc/self/environ '\x1b]0;x\x07.go' \
	'a\x00b.go' ../../none.go; do
	wire '1{1:1 2:2} 2{1[1] 2[7]} 4{1:1 4{1:1 2:4611686018427387904}} 5{1:1 2:3 4:4}' \
		"6\"\" 6\"cpu\" 6\"nanoseconds\" 6\"f\\x0a\\xff\" 6\"$name\"" >f
	prof list --source_path=. . f </dev/null
done
ls
