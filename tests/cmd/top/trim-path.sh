# File names without prefixes, or without what stands before a folder of the source path.
f=$TESTDATA/checkout.before.cpu.pb.gz
prof top --files -n 4 --trim_path=/nowhere:shop $f | tail -n 4
prof top --files -n 6 --source_path=/my/copy/of/internal:/x/json $f | tail -n 4
prof tree --lines -n 2 --trim_path=shop/checkout/ $f | tail -n 9
# As in pprof expressions are matched before, and traces shows whole names.
prof top --files -n 2 --trim_path=runtime --focus=runtime/ $f | tail -n 2
prof traces --trim_path=runtime --files $f | cmp - <(prof traces --files $f) && echo same
# What bazel puts before names is never shown.
wire profile '2{1[9] 2[5]}' '4{1:9 2:1 4{1:9 2:3}}' '5{1:9 2:3 4:7}' '6"/proc/self/cwd/pkg/a.cc"' >bazel
prof top --files bazel
