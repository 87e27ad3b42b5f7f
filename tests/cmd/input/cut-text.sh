# Text profiles that end early say so: inside a record, or in the MemStats below a heap profile; in an archive it is a comment.
zcat testdata/ring.heap.t1.debug1.txt.gz >whole.txt
prof top -n 1 whole.txt >/dev/null; echo "status $?"
head -n -2 whole.txt >stats.txt
prof top -n 1 stats.txt | tail -1; echo "status ${PIPESTATUS[0]}"
prof gc stats.txt | grep unreadable
at=$(grep -b -m 2 ' @ 0x' testdata/leaky.goroutine.t3.debug1.txt | tail -1 | cut -d : -f 1)
head -c $((at + 7)) testdata/leaky.goroutine.t3.debug1.txt >record.txt
prof top -n 1 record.txt | tail -1; echo "status ${PIPESTATUS[0]}"
prof archive add -q n.db stats.txt record.txt >/dev/null; echo "status $?"
prof comments n.db:1
prof comments n.db:2
