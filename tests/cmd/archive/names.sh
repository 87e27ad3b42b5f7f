# Names that SQLite takes for something else than a file: an archive is a file of that name, or there is none.
prof archive add '' testdata/leaky.heap.t0.pb.gz; echo "status $?"
prof archive ls ''; echo "status $?"
for db in :memory: 'a?mode=memory&b#c%20d' "/$PWD/x.db" "//$PWD/y.db" 'file:z.db' ./w.db; do
	prof archive add -q "$db" testdata/leaky.heap.t0.pb.gz; [ -s "$db" ] || echo "$db: no file"
	prof archive ls "$db" | wc -l; prof top "$db:1" | tail -1
done
