# A blob that is not what it was is named: whose it is, what it holds, from where on.
prof archive add -q n.db testdata/leaky.heap.t0.pb.gz testdata/annotations.trace testdata/leaky.goroutine.t1.debug2.txt.gz
change() { # what, where
	cp n.db bad.db
	prof sql --write bad.db "UPDATE $1 SET data = CAST(substr(data, 1, 6) || zeroblob(length(data) - 6) AS BLOB) WHERE $2"
}
for series in 0 1 2 3 4 5 6 8 9; do change page "service = 1 AND series = $series"; prof top bad.db:1; echo "status $?"; done
change sample 'profile = 1'; prof top bad.db:1; echo "status $?"; prof archive verify bad.db
for part in 0 1 3 4; do change capture_data "part = $part AND profile = 2"; prof archive verify bad.db | uniq; done
change capture_data 'part = 2 AND profile = 3'; prof leak bad.db:3; echo "status $?"
change capture_data 'part = 5'; prof sql bad.db 'SELECT * FROM goroutines'; echo "status $?"
