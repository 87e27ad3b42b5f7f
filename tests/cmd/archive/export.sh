prof archive add -q --keep-raw n.db testdata/checkout.after.cpu.pb.gz testdata/contend.mutex.pb.gz
prof archive export -o out.pb.gz n.db 2 && prof traces testdata/contend.mutex.pb.gz >a && prof traces out.pb.gz >b && cmp a b && echo same
prof archive export --raw n.db type=mutex | cmp - testdata/contend.mutex.pb.gz && echo same bytes
prof archive export -o out.pb.gz n.db 1 && prof top testdata/checkout.after.cpu.pb.gz >a && prof top out.pb.gz >b && cmp a b && echo same
prof top n.db:1 >b && cmp a b && echo same
prof archive export n.db all; echo "status $?"
prof archive export n.db 9; echo "status $?"
prof archive export nosuch.db 9; echo "status $?"
prof archive add -q m.db testdata/contend.mutex.pb.gz
prof archive export --raw m.db 1; echo "status $?"
prof archive; echo "status $?"
prof archive nosuch; echo "status $?"
