# Without a mapping pprof makes one for all locations.
wire '1{1:1 2:2} 2{1[1] 2[7]} 4{1:1 3:16 4{1:1 2:3}} 5{1:1 2:3 4:4 5:2}' '6"" 6"cpu" 6"nanoseconds" 6"main.f" 6"main.go"' >f
prof raw f
prof raw f $TESTDATA/leaky.goroutine.t0.pb.gz; echo "$?"
wire profile 7:3 8:4 9:1000000001 10:3661500000000 '11{1:1 2:2} 12:10' '13:7 13:8 14:1 15:9' '6"a" 6"#b" 6"http://doc"' >f
prof raw f
prof raw --all_frames f | sed -n '/^Samples/,/^Locations/p'
TZ=Asia/Kolkata prof raw f | diff <(prof raw f) -
