prof leak --svg --every=4m testdata/leaky.goroutine.t[0-3].debug2.txt.gz
# well-formed whatever a name is, without a time, and of one snapshot
printf 'goroutine 5 [select]:\nmain.<img src=x>\x1b[31m|"&(0x1)\n\t/tmp/<b>.go:1 +0x1\n' >0
for i in $(seq 10 60); do sed "s/goroutine 5/goroutine $i/; \$s/\$/\n/" 0; done >1
prof leak 0 1 -o hostile.svg && xmllint --noout hostile.svg && grep -c '<img' hostile.svg
prof leak -v 1 -o one.svg && xmllint --noout one.svg && grep -o 'one snapshot' one.svg
prof leak 0 1 -o hostile.html && xmllint --noout hostile.html && grep -o 'class="curves"' hostile.html
grep -c "<img" hostile.html || true
