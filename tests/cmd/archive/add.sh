# Files, a directory, the same again; a bad file is named and the rest goes in.
mkdir d d/sub d/.hidden
cp testdata/leaky.heap.t0.pb.gz testdata/leaky.heap.t3.pb.gz d/sub
cp testdata/checkout.after.cpu.pb.gz d/.hidden
echo nothing >d/a.txt
prof archive add --label rev=ab12 --label 'host=a,b' n.db d testdata/contend.mutex.pb.gz testdata/contend.block.pb.gz
echo "status $?"
ls n.db*
prof archive add n.db d/sub; echo "status $?"
gzip -dc d/sub/leaky.heap.t0.pb.gz >same.pb
prof archive add n.db same.pb; echo "status $?"
prof archive add --json n.db same.pb missing; echo "status $?"
prof archive ls n.db
prof archive show n.db 2
