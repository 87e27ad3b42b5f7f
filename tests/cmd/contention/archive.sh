# Profiles of an archive are snapshots like files.
f=testdata/contend
prof archive add -q a.db $f.block.t[01].pb.gz $f.mutex.t[01].pb.gz
prof contention a.db:service=contend | head -8
prof contention a.db:1 --new a.db:2 | head -3
prof contention a.db:99
echo "status $?"
