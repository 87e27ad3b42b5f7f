# Who seems to hold what others wait for, by the addresses in a dump.
for v in 1.22 1.27; do
	prof contention --idle testdata/shapes.go$v.debug2.txt
	echo
done
prof contention --json testdata/shapes.go1.27.debug2.txt | grep -o '"now_held_by": {[^}]*}'
# Three locks of one site; the two sides of an RWMutex, whose address only writers show.
prof contention testdata/shards.go1.27.debug2.txt
prof contention --json testdata/shards.go1.27.debug2.txt | grep -o '"locks_now": [[][{].*' | grep -o '"address": "[^"]*", "object": [^,]*, "waiting": [0-9]*'
