wire profile '13:7 13:8' '6"made by hand" 6"#not in a header"' >f
wire profile '13:7 13:8' '6"another" 6"made by hand"' >g
prof comments f
prof comments f g
prof comments --base=f g
prof comments $TESTDATA/contend.mutex.pb.gz
prof top f | head -n 3
prof -comments --focus=main -n 3 f
